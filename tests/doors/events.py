"""The inputs of the doors: `events/invoke/*.json`, each as the service of AWS sends it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

INVOKE = Path(__file__).parents[2] / "events" / "invoke"
PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


def event(name: str, **values: str) -> dict[str, Any]:
    """Read an input, with values for its placeholders: a live token cannot be written in a file."""
    text = (INVOKE / f"{name}.json").read_text(encoding="utf-8")
    return json.loads(PLACEHOLDER.sub(lambda found: values[found[1]], text))
