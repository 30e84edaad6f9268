"""Secrets: the names of parameters, fields and keys that hold them, and the forms of well-known keys."""

from __future__ import annotations

import itertools
import re

__all__ = ["HIDDEN", "is_secret_name", "without_known_keys"]

HIDDEN = "…"
"""The mark for a key that was taken out of a text."""

_KEY = re.compile(
    r"\b(?:sk|pk|gsk|xai|hf|r8|ghp|gho|glpat)[-_][\w*-]{6,}|\bAIza[\w-]{16,}|\bAKIA[A-Z0-9]{12,}|(?<=bearer )\S+",
    re.IGNORECASE,
)

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_SECRET = frozenset(
    {
        *("apikey", "apikeys", "auth", "authentication", "authorization", "bearer", "cookie", "cookies"),
        *("credential", "credentials", "jwt", "otp", "passphrase", "passwd", "password", "passwords", "pin", "pwd"),
        *("secret", "secrets", "token"),
    }
)
"""Words of secrets."""

_KEYS = frozenset({"key", "keys"})
_OF_KEYS = frozenset(
    {"access", "account", "api", "auth", "encryption", "license", "master", "private", "secret", "service", "session"}
    | {"signing", "ssh"}
)
"""Words that make a key a secret."""

_DOUBTFUL = frozenset({*_KEYS, "tokens", "signature"})
"""Words that are as often something else: the key of a mapping, a number of tokens, the signature of a function."""


def without_known_keys(text: str) -> str:
    """Return a text without keys of the forms that well-known providers give."""
    return _KEY.sub(HIDDEN, text)


def is_secret_name(name: str, *, doubtful: bool = False) -> bool:
    """Tell whether a name, such as that of a parameter, is one of a secret: `api_key`, `password`, `accessToken`.

    Args:
        name: The name, in any style of writing.
        doubtful: Whether names that may be of a secret count too: `key`, `tokens`, `signature`.

    """
    words = [word.lower() for word in _WORDS.findall(name)]
    if not _SECRET.isdisjoint(words) or (doubtful and not _DOUBTFUL.isdisjoint(words)):
        return True
    return any(first in _OF_KEYS and second in _KEYS for first, second in itertools.pairwise(words))
