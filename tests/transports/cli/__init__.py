"""The command line, run as a program would run it, on a store of its own."""
