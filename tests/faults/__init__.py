"""Faults at the store's wire: every step of the product against everything that may happen between it and DynamoDB."""
