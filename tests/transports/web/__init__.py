"""Pages, sign-in and OAuth, asked as API Gateway asks."""
