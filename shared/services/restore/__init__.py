"""What brings a core table back that was lost or damaged."""
