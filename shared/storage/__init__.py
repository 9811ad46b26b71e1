"""The only place that knows rows."""
