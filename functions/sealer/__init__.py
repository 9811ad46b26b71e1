"""The schedule: what is new in the trail, sealed and signed."""
