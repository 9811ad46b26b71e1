"""The suite of the protocol's own makers, run against what we serve; what it cannot pass is excused by name."""
