"""What makes the trail provable: trees of hashes, seals over its rows, and the log that everybody can check."""
