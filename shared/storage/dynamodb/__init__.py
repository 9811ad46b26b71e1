"""The row engine on DynamoDB: production."""
