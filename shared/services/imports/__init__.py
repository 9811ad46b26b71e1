"""How a file becomes facts: sent, read strictly, compared with what is known, and made visible in one step."""
