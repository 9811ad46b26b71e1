"""Attacks: what nobody who means well would send, at every door, and what each of them takes and leaves."""
