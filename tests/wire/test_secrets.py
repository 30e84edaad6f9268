"""The names of secrets."""

from __future__ import annotations

import pytest

from progressnb.wire.secrets import is_secret_name


@pytest.mark.parametrize(
    "name",
    [
        *("api_key", "apiKey", "API-KEY", "APIKey", "apikey", "OPENAI_API_KEY", "x-api-key", "ssh_keys"),
        *("password", "db_password", "accessToken", "HTTPAuth", "client_secret", "auth", "jwt", "otp", "Set-Cookie"),
    ],
)
def test_secret_names(name: str) -> None:
    """The usual names of secrets are known, however they are written."""
    assert is_secret_name(name)
    assert is_secret_name(name, doubtful=True)


@pytest.mark.parametrize("name", ["keyword", "monkey", "author", "tokenize", "secretary", "path", "query", "", "é"])
def test_other_names(name: str) -> None:
    """Words are read whole: a name that only contains such letters is not one of a secret."""
    assert not is_secret_name(name)
    assert not is_secret_name(name, doubtful=True)


@pytest.mark.parametrize("name", ["key", "sort_key", "max_tokens", "signature"])
def test_doubtful_names(name: str) -> None:
    """Names that are as often something else count only where the caller says so."""
    assert not is_secret_name(name)
    assert is_secret_name(name, doubtful=True)
