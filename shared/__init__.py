"""The product: domain, storage, services and transports, one floor above the other."""
