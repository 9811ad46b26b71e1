"""The arithmetic behind the answers."""
