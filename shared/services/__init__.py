"""One file per thing the system does."""
