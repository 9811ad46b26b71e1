"""The built template, deployed into an emulated account and tried under its own policies."""
