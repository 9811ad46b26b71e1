"""How a secret is made, recognised and kept: the format, the keys, the hash and the seal."""
