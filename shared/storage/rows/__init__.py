"""The contracts, written once over the row engine."""
