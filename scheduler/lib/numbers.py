"""Numbers as strangers write them."""


def row_id(word: str) -> int:
    """Return the id of a row; 0, which no row has, for what cannot be one (Python and databases refuse long ones)."""
    return int(word) if word.isdecimal() and len(word) <= 18 else 0
