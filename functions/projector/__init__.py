"""Table streams to projections."""
