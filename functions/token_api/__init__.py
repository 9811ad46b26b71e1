"""The REST API under /v1, the pages for people, the sign-in and OAuth 2.1."""
