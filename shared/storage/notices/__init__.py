"""The ways out for notices: Amazon's topics and mail, and a folder that stands for both."""
