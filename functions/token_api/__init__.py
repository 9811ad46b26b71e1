"""The REST API under /v1, and discovery."""
