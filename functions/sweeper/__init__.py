"""The schedule: what becomes due."""
