"""How the six functions are built for deployment."""
