"""What is measured beside our MCP door: one echo tool behind the same event, with no credential, no limit and no trail.

Each module has a `handler`, as Lambda calls it. They are imported by processes of `.venv-bench` alone.
"""
