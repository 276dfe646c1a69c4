"""Request headers to one credential, which is not verified yet."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from gateway.auth.keys import is_api_key
from gateway.auth.principal import CredentialKind
from gateway.errors import UnauthenticatedError

# All values of a header, by its name in lower case.
HeaderValues = Callable[[str], Sequence[str]]

MAX_CREDENTIAL_BYTES = 8192
EXPLICIT_HEADERS = ("x-api-key", "authorization", "x-jwt-token")
COOKIE = "jwt"
SCHEMES = {
    "bearer": CredentialKind.JWT,
    "apikey": CredentialKind.API_KEY,
    "token": CredentialKind.API_KEY,
}
FORMS = {
    # Imported keys may be any text that a header can carry.
    CredentialKind.API_KEY: re.compile(r"[^\x00-\x1f\x7f]+"),
    CredentialKind.JWT: re.compile(
        r"[A-Za-z0-9_=-]+\.[A-Za-z0-9_=-]*\.[A-Za-z0-9_=-]*"
    ),
}
RIGHT_FORMS = {
    CredentialKind.API_KEY: "takes an API key, PREFIX.SECRET;"
    " send a JWT in Authorization: Bearer",
    CredentialKind.JWT: "takes a JWT, three parts joined by dots;"
    " send an API key in x-api-key",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """An API key or a JWT, not verified yet.

    Attributes:
        header: Where it came, for messages.
    """

    kind: CredentialKind
    text: str = field(repr=False)
    header: str

    @property
    def digest(self) -> bytes:
        """The SHA-256 of the text, which has a character for each byte of a header."""
        return sha256(self.text.encode("latin-1", "xmlcharrefreplace")).digest()


def find_credential(values_of: HeaderValues) -> Credential | None:
    """Find the credential of a request; an explicit one wins over the cookie.

    Raises:
        UnauthenticatedError: There are two, or it is malformed; the message names the
            header, never the value.
    """
    explicit = [(name, value) for name in EXPLICIT_HEADERS for value in values_of(name)]
    if len(explicit) > 1:
        raise to_double_error([name for name, _ in explicit])
    for name, value in explicit:
        return parse_header(name, value)
    return find_cookie(values_of("cookie"))


def to_double_error(names: Sequence[str]) -> UnauthenticatedError:
    """Make the error for more than one credential, naming the headers."""
    unique = list(dict.fromkeys(names))
    where = f"{unique[0]} is there more than once"
    if len(unique) > 1:
        where = f"{' and '.join(unique)} carry a credential each"
    return UnauthenticatedError(f"{where}; send one credential")


def parse_header(name: str, value: str) -> Credential:
    """Parse an explicit header."""
    if name == "authorization":
        return parse_authorization(value)
    is_key = name == "x-api-key"
    kind = CredentialKind.API_KEY if is_key else CredentialKind.JWT
    return to_credential(kind, value, header=name)


def parse_authorization(value: str) -> Credential:
    """Parse `Authorization`; scheme names are case-insensitive (RFC 9110, 11.1)."""
    scheme, _, rest = value.strip().partition(" ")
    kind = SCHEMES.get(scheme.lower())
    if kind is None:
        # The scheme is not repeated: it is the credential where one was sent without.
        raise UnauthenticatedError(
            "authorization has no scheme the gateway knows; send Authorization:"
            " Bearer JWT, ApiKey KEY or Token KEY"
        )
    return to_credential(kind, rest, header=f"authorization: {scheme.lower()}")


def find_cookie(values: Sequence[str]) -> Credential | None:
    """Find the JWT among the cookies."""
    header = f"cookie {COOKIE}"
    tokens = [
        value for line in values for name, value in to_cookies(line) if name == COOKIE
    ]
    if len(tokens) > 1:
        raise UnauthenticatedError(
            f"{header} is there more than once; send one credential"
        )
    for token in tokens:
        return to_credential(CredentialKind.JWT, token.strip('"'), header=header)
    return None


def to_cookies(line: str) -> Iterator[tuple[str, str]]:
    """Split a `Cookie` header into names and values, skipping pieces without `=`."""
    for piece in line.split(";"):
        name, equals, value = piece.strip().partition("=")
        if equals:
            yield name.strip(), value.strip()


def to_credential(kind: CredentialKind, value: str, *, header: str) -> Credential:
    """Check the form of a credential."""
    text = value.strip()
    if not text:
        raise UnauthenticatedError(f"{header} is empty; it {RIGHT_FORMS[kind]}")
    if len(text) > MAX_CREDENTIAL_BYTES:
        raise UnauthenticatedError(
            f"{header} is longer than {MAX_CREDENTIAL_BYTES} bytes;"
            f" it {RIGHT_FORMS[kind]}"
        )
    if FORMS[kind].fullmatch(text) is None:
        raise UnauthenticatedError(f"{header} {RIGHT_FORMS[kind]}")
    return Credential(kind=kind, text=text, header=header)


def to_key_hint(credential: Credential) -> str:
    """Say that an API key is unknown, or which kind of credential was expected."""
    if is_api_key(credential.text):
        return "unknown API key"
    return f"{credential.header} {RIGHT_FORMS[CredentialKind.API_KEY]}"
