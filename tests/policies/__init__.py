"""What each role may do, judged by a simulator of IAM."""
