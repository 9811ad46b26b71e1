"""The tokens of a workspace as a whole: which there are, how they stand, and what about them asks for a look."""
