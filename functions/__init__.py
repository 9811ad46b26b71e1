"""The doors of the deployed stack, at most 25 lines each."""
