"""One cold start, in a process of its own: `python -m tests.bench.cold MODULE` imports the door and prints the cost."""

from __future__ import annotations

import sys
from importlib import import_module
from time import process_time

START = process_time()
import_module(sys.argv[1])
sys.stdout.write(f"{(process_time() - START) * 1000:.1f} {len(sys.modules)}\n")
