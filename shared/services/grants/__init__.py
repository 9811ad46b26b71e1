"""What a person lets an app do by OAuth: from their consent to its tokens, and to their end."""
