"""Model fields of our own."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models

from scheduler.lib.sealing import Sealed, Vault


@lru_cache
def _vault(keys: tuple[str, ...]) -> Vault:
    return Vault(keys)


def vault() -> Vault:
    """Return the vault of this installation. Raises KeyProblem, which names the cure, when a key is malformed."""
    return _vault(tuple(settings.FERNET_KEYS))


if TYPE_CHECKING:
    _Text = models.TextField[Sealed, Sealed]
else:
    _Text = models.TextField


class SealedField(_Text):
    """A secret: in the database as Fernet text, in Python as `Sealed`, in forms and admin nowhere.

    Assign `vault().seal(plain)`; read with `vault().open(value)`. Plain text is refused.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"blank": True, "default": "", "editable": False}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Leave out what the field always sets."""
        name, path, args, kwargs = super().deconstruct()
        for word in ("blank", "default", "editable"):
            kwargs.pop(word, None)
        return name, path, args, kwargs

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Sealed:
        """Wrap the stored text."""
        return Sealed(value or "")

    def to_python(self, value: object) -> Sealed:
        """Return the value as `Sealed`; only ciphertext ever arrives here."""
        return value if isinstance(value, Sealed) else Sealed(str(value or ""))

    def get_prep_value(self, value: object) -> str:
        """Return the ciphertext. Raises TypeError for plain text, so that no secret is stored unsealed."""
        if isinstance(value, Sealed):
            return value.ciphertext
        if value in ("", None):
            return ""
        raise TypeError("This field takes a sealed value; seal it with vault().seal().")
