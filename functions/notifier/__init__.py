"""What has happened to tokens, told to people."""
