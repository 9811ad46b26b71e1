"""What a call and a cold start cost, beside the plainest app that the SDK makes: `make bench`."""
