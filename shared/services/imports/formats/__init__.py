"""The exports of other systems, each turned row by row into lines of our own format."""
