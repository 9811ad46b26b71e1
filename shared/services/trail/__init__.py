"""The trail, sealed, kept and checked."""
