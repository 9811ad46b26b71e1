"""The REST API through the adapter that stands before it in Lambda."""
