"""What somebody should deal with: conditions of the data, worked out when they are asked for."""
