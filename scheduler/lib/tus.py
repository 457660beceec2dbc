"""Words of the tus 1.0 protocol, in which a file comes in pieces: https://tus.io/protocols/resumable-upload."""

import base64
import binascii

VERSION = "1.0.0"
PIECE_TYPE = "application/offset+octet-stream"


def name_in(metadata: str) -> str:
    """Return the file's name out of `filename <base64>,…`; "" when it says none."""
    pairs = (pair.strip().partition(" ") for pair in metadata.split(","))
    written = next((value for name, _space, value in pairs if name == "filename"), "")
    try:
        return base64.b64decode(written, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
