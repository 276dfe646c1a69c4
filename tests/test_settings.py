"""Settings that are wrong are named, with what would be right and without a secret."""

import pytest

from gateway.errors import SettingsError
from gateway.settings import read_settings

WRONG: dict[str, tuple[str, str, str]] = {
    "no number": ("rate_limit", "many/minute", "'600/minute', or 'off'"),
    "none at all": ("rate_limit", "0/minute", "'600/minute', or 'off'"),
    "another unit": ("rate_limit", "5/fortnight", "'600/minute', or 'off'"),
    "no unit": ("failed_login_limit", "60", "'600/minute', or 'off'"),
    "another storage": (
        "rate_limit_storage",
        "http://:hunter2@a",
        "'redis://localhost",
    ),
    "no address": ("trusted_proxies", "proxy.example.com", "'10.0.0.0/8'"),
    "no network": ("trusted_proxies", "10.0.0.0/8 10.0.0.1/8", "'10.0.0.0/8'"),
    "no address of a server": ("public_url", "jobs.example.com", "'https://jobs"),
    "a time before now": ("hsts_s", "-1", "greater than or equal to 0"),
}


@pytest.mark.parametrize(("name", "value", "right"), WRONG.values(), ids=WRONG)
def test_a_wrong_setting_is_told_what_is_right(
    name: str, value: str, right: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(**{name: value})
    assert refused.value.message.startswith(f"GATEWAY_{name.upper()}: ")
    assert right in refused.value.message
    assert "hunter2" not in refused.value.message


@pytest.mark.parametrize("rate", ["1/second", "600/minute", "5/hour", "7/day", "off"])
def test_a_rate_has_a_number_and_a_unit(rate: str) -> None:
    assert read_settings(rate_limit=rate).rate_limit == rate


def test_lists_come_with_commas_or_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_CORS_ORIGINS", "https://a.example.com, http://b:81")
    monkeypatch.setenv("GATEWAY_TRUSTED_PROXIES", "10.0.0.0/8 fd00::/8")
    settings = read_settings()
    assert settings.cors_origins == ("https://a.example.com", "http://b:81")
    assert settings.trusted_proxies == ("10.0.0.0/8", "fd00::/8")
