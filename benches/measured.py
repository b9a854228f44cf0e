"""One measurement in a process of its own: calls one function of a module of scenarios and prints its figure as JSON.

Usage: measured.py MODULE FUNCTION SUBJECT FOLDER [ARGUMENT ...], where FOLDER has the PKI's files. The runner calls it.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from setting import Setting


def main() -> None:
    module, function, subject, folder, *arguments = sys.argv[1:]
    work = getattr(importlib.import_module(module), function)
    figure = work(Setting(subject, Path(folder)), *arguments)
    if figure is not None:
        print(json.dumps(figure))


if __name__ == "__main__":
    main()
