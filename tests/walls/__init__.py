"""The walls between tenants. How a route, tool, method or command joins: see `tests/walls/operations/`."""
