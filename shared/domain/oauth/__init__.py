"""OAuth clients: what they are, and where a person may be sent back to."""
