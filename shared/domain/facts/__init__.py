"""A merchant's facts: what may be imported, how one fact is told from another, and the figures folded from them."""
