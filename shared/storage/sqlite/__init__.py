"""The row engine on SQLite: the embedded default."""
