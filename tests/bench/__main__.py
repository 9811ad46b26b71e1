"""Print what calls and starts cost: `make bench`, three minutes of the processor.

On a shared machine the clock on the wall measures the neighbours too, so the processor's time is counted wherever it
says enough. What is compared takes turns: what slows the machine down slows both. Ratios hold on other machines, too.
"""

from __future__ import annotations

from tests.bench.beside_plain_app import say_beside_plain_app
from tests.bench.copies import say_copies
from tests.bench.secret_hash import say_secret_hashes
from tests.bench.starts import say_starts

if __name__ == "__main__":
    say_beside_plain_app()
    say_secret_hashes()
    say_starts()
    say_copies()
