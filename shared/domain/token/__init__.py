"""The life of a static credential: created, renamed, revoked, expired."""
