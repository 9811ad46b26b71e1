"""Keys that sign the log: in KMS, or in a file."""
