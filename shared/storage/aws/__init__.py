"""AWS's JSON services (DynamoDB, Secrets Manager), asked with no more than it takes; why stands in ADR 20."""
