"""Seal secrets for storage (Fernet, with rotation) and keep them out of every text."""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

KEY_CURE = (
    "FERNET_KEY is missing or is not the key that sealed the stored tokens. "
    "Put the old key back (several keys may stand side by side, separated by commas: the first seals, all open), "
    "or restore the file secrets/fernet_key of the data folder from your backup. No stored row was changed."
)


class KeyProblem(Exception):
    """The key at hand cannot open what is stored, or is no Fernet key; the text names the cure."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{KEY_CURE} {detail}".strip())


class Sealed:
    """A secret as it is stored: only `reveal` gives the plain text, and no text form shows anything."""

    __slots__ = ("ciphertext",)

    def __init__(self, ciphertext: str) -> None:
        self.ciphertext = ciphertext

    def __bool__(self) -> bool:
        return bool(self.ciphertext)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and other.ciphertext == self.ciphertext

    def __hash__(self) -> int:
        return hash(self.ciphertext)

    def __repr__(self) -> str:
        return "<sealed>" if self.ciphertext else "<empty>"

    __str__ = __repr__


class Vault:
    """Seals and opens with a list of Fernet keys: the first seals, all open."""

    def __init__(self, keys: Sequence[str]) -> None:
        """keys: url-safe base64 Fernet keys. Raises KeyProblem when one is malformed or none is given."""
        if not keys:
            raise KeyProblem()
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise KeyProblem("A key has 44 url-safe base64 characters.") from None

    def seal(self, plain: str) -> Sealed:
        """Return `plain` sealed with the first key; nothing stays nothing."""
        return Sealed(self._fernet.encrypt(plain.encode()).decode() if plain else "")

    def open(self, sealed: Sealed) -> str:
        """Return the plain text. Raises KeyProblem when no key fits."""
        if not sealed:
            return ""
        try:
            return self._fernet.decrypt(sealed.ciphertext.encode()).decode()
        except InvalidToken:
            raise KeyProblem() from None

    def rotate(self, sealed: Sealed) -> Sealed:
        """Return the same secret sealed with the first key. Raises KeyProblem when no key fits."""
        if not sealed:
            return sealed
        try:
            return Sealed(self._fernet.rotate(sealed.ciphertext.encode()).decode())
        except InvalidToken:
            raise KeyProblem() from None
