import pytest

from gateway.auth.provider_urls import is_trusted


@pytest.mark.parametrize(
    "url",
    [
        "https://id.example.com",
        "https://id.example.com:8443/realms/acme/",
        "https://id.example.com/keys?version=2",
        "https://[2001:db8::1]/keys",
        "http://127.0.0.1:3000",
        "http://[::1]:3000/x",
        "http://localhost",
    ],
)
def test_what_is_encrypted_or_on_this_machine_is_trusted(url: str) -> None:
    assert is_trusted(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "id.example.com",
        "http://id.example.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://10.0.0.1",
        "ftp://id.example.com",
        "file:///etc/passwd",
        "https://me:secret@id.example.com",
        "https://id.example.com/#part",
        "https://id.example.com/a b",
        "https://id.example.com/\n",
        "https://id.example.com;script-src *",
        "https://id.example.com:port",
        "https://",
    ],
)
def test_anything_else_is_not(url: str) -> None:
    assert not is_trusted(url)
