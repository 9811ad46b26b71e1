"""How often a change is decided anew when another writer came first."""

from __future__ import annotations

ATTEMPTS = 5
"""Writers of one stream are few; five lost races in a row mean that something is wrong."""
