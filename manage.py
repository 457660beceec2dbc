#!/usr/bin/env python3
"""The one door: `up` runs Pauta, `test` checks it, everything else is Django's own."""

import os
import sys
from pathlib import Path

# `site` is a standard-library module, so site/ is a plain import root: its package is `config`.
sys.path.insert(0, str(Path(__file__).resolve().parent / "site"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def main() -> None:
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
