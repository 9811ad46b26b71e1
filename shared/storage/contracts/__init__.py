"""What services may ask of storage, in the words of the domain. Services and transports see nothing else of it."""
