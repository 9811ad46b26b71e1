"""Builders and readers of real data."""
