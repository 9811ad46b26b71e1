"""What can be asked about a merchant's figures: one file per question."""
