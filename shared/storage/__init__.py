"""How facts and state are kept: contracts for those above, one set of stores, and the engines below them."""
