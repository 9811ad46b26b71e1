"""The local stack as its processes."""
