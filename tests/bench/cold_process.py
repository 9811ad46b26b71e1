"""A start without Lambda around it, to count its instructions: `cold_process.py MODULE EVENT` in a built folder."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

module, event = sys.argv[1:]
answer = import_module(module).handler(json.loads(Path(event).read_text(encoding="utf-8")), None)
sys.stdout.write(json.dumps(answer))
