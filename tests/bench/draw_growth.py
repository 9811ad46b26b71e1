"""Draws what tests/bench/growth.py has measured: JSON in, PNG out. It runs in .venv-bench, which has matplotlib."""

# Where this is checked there is no matplotlib, so nothing is known of what it gives:
# pyright: basic, reportMissingImports=false, reportMissingModuleSource=false

from __future__ import annotations

import json
import sys

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt

LINES = {
    "requests": {"color": "#0b6e99", "marker": "o", "markersize": 6, "markerfacecolor": "none"},
    "read units": {"color": "#d9730d", "marker": "s", "markersize": 3.5},
    "write units": {"color": "#ad1a72", "marker": "^", "markersize": 3.5},
    "ms of the processor": {"color": "#4d6461", "marker": "D", "markersize": 3, "linestyle": "--"},
}
"""Each with a mark of its own: for whoever sees no colours, and where one lies upon another."""
COLUMNS = 5
plt.rcParams.update({"font.size": 8, "axes.titlesize": 9, "font.family": "DejaVu Sans"})

panels = json.load(sys.stdin)
rows = -(-len(panels) // COLUMNS)
figure, grid = plt.subplots(
    rows, COLUMNS, figsize=(2.3 * COLUMNS, 2.3 * rows + 0.4), sharey=True, squeeze=False, facecolor="white"
)
for panel, axis in zip(panels, grid.flat, strict=False):
    for name, line in LINES.items():
        seen = [(size, cost) for size, cost in zip(panel["sizes"], panel[name], strict=True) if cost > 0]
        if seen:
            axis.loglog(*zip(*seen, strict=True), linewidth=1.2, label=name, **line)
    axis.set_title(panel["title"])
    axis.set_xlabel(panel["of"])
    axis.set_xticks(panel["sizes"], [f"{size:,}" for size in panel["sizes"]], rotation=20)
    axis.minorticks_off()
    axis.grid(visible=True, color="#dddddd", linewidth=0.5)
    axis.spines[["top", "right"]].set_visible(False)
for axis in grid.flat[len(panels) :]:
    axis.axis("off")
shown = {label: line for axis in grid.flat for line, label in zip(*axis.get_legend_handles_labels(), strict=True)}
figure.legend([shown[name] for name in LINES], LINES, loc="upper center", ncols=len(LINES), frameon=False)
figure.tight_layout(rect=(0, 0, 1, 0.95))
figure.savefig(sys.stdout.buffer, dpi=105, format="png", metadata={"Software": None})
