"""The handlers as Lambda calls them."""
