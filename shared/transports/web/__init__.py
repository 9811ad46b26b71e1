"""What browsers and OAuth clients ask of the product: sign-in, OAuth 2.1, and the settings page."""
