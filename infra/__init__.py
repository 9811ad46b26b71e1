"""What runs and deploys the product."""
