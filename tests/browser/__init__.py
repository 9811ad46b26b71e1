"""The pages in a real Chromium, against the stack as `make run` serves it."""
