"""Keep secrets out of log lines: whatever looks like a token or a secret parameter is masked."""

import logging
import re
from typing import Any

MASK = "[hidden]"
_NAMES = (
    "access_token|client_secret|fb_exchange_token|input_token|appsecret_proof|signed_request|code|creation_secret|"
    "password"
)
_PARAMETER = re.compile(rf"(?i)\b({_NAMES})([\"']?\s*[=:]\s*\[?[\"']?)([^\s&\"',}}\]]+)")
_HEADER = re.compile(r"(?i)\b(bearer|oauth)(\s+)([A-Za-z0-9._|~+/=-]{8,})")
# The prefixes of Instagram (IGAA, IGQ) and Facebook (EAA) tokens.
_TOKEN = re.compile(r"\b(?:IGAA|IGQ|EAA)[A-Za-z0-9._-]{6,}")
# What signs what is sent to a webhook, and what opens the API.
_OURS = re.compile(r"\b(?:whsec|pauta)_[A-Za-z0-9_-]{20,}|\bwhsec_[A-Za-z0-9_-]+")
# The secret address of a calendar feed, which a log of requests would tell.
_FEED = re.compile(r"(/calendar/feed/)[^\s/?#\"']+")
_NUMBER = re.compile(r"-?\d{1,7}$")


def _mask_parameter(match: re.Match) -> str:
    # Error codes are numbers under the name `code`; they are facts, not secrets.
    if match[1].lower() == "code" and _NUMBER.match(match[3]):
        return match[0]
    return f"{match[1]}{match[2]}{MASK}"


def redact(text: str) -> str:
    """Return `text` with tokens and secret parameters masked."""
    text = _HEADER.sub(rf"\1\2{MASK}", text)
    text = _FEED.sub(rf"\1{MASK}", text)
    text = _PARAMETER.sub(_mask_parameter, text)
    text = _OURS.sub(MASK, text)
    return _TOKEN.sub(MASK, text)


def redact_data(value: Any) -> Any:
    """Return JSON-like data with every secret masked, whatever depth it stands at."""
    if isinstance(value, dict):
        return {key: MASK if _is_secret(key, item) else redact_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact_data(item) for item in value]
    return redact(value) if isinstance(value, str) else value


def _is_secret(key: object, item: object) -> bool:
    return isinstance(item, str) and str(key).lower() in _NAMES.split("|") and not _NUMBER.match(item)


def _message_of(record: logging.LogRecord) -> str:
    """Return what the record says; a filter that raises would end what was only logging."""
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg} {record.args}"


class SecretsFilter(logging.Filter):
    """Mask secrets in every record that passes, also in tracebacks."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record's text; never drop it."""
        record.msg, record.args = redact(_message_of(record)), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        return True
