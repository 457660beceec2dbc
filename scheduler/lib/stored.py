"""What every place that keeps media has in common."""


class Unreachable(OSError):
    """The place where media are kept does not answer, or refuses us. Nothing is known of the file itself."""
