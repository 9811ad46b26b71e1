"""The local stack's own OpenID provider: whoever sits at this machine says who they are, and is believed."""
