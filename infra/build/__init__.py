"""How the seven functions are built for deployment."""
