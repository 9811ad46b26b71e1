"""How the five functions are built for deployment."""
