"""The store contracts, the same test ids on every engine."""
