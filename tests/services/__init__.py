"""Services over the store in memory."""
