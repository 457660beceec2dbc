"""The colour that stands for an account, the same in Pauta and in the simulated Instagram."""

from zlib import crc32

# `--a1` to `--a8` of static/css/tokens.css in the light theme; a test compares them.
COLOURS = ("#316bca", "#876c8e", "#227702", "#956d57", "#680835", "#48340e", "#3c1a82", "#2a635f")


def colour_number(username: str) -> int:
    """Return which of the colours, from 1 up, the account with this username has."""
    return crc32(username.lower().encode()) % len(COLOURS) + 1
