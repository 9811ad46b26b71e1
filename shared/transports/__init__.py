"""The shapes of the outside world."""
