"""Rules and arithmetic, in the standard library alone: no clock, no randomness, no I/O."""
