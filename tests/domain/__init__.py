"""Rules: no store, no network, milliseconds."""
