"""Who is signed in with a browser."""
