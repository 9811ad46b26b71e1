"""The life of a static credential: created, rotated, suspended, resumed, reminded of, revoked, expired."""
