"""JWTs: verified to principals, and signed for development.

By default the library accepts tokens without `exp` and with any `typ`; so headers are
checked here, before the signature, and the required claims are listed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt
from jwt.exceptions import InvalidJTIError, InvalidSubjectError

from gateway.auth.claims import to_principal
from gateway.auth.principal import Principal
from gateway.auth.token_rules import PublicKey, TokenRules
from gateway.errors import SettingsError, UnauthenticatedError
from gateway.setting_texts import JwtAlgorithm

MAX_TOKEN_BYTES = 8192
# Media types, with or without `application/` (RFC 7515, 4.1.9).
TYPES = ("jwt", "at+jwt", "application/jwt", "application/at+jwt")
# Claims of ID tokens and security events, which are no access tokens (RFC 8725, 3.12).
OTHER_CLAIMS = ("at_hash", "c_hash", "s_hash", "events")
# Each lets a token choose its own key, or how it is parsed (RFC 8725, 3.10).
REFUSED_HEADERS = ("crit", "jku", "x5u", "jwk", "x5c")
# The first match counts; subclasses stand before their base classes.
REASONS: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
    (jwt.ExpiredSignatureError, "the token has expired; get a new one"),
    (jwt.InvalidSignatureError, "the token's signature is wrong"),
    (jwt.ImmatureSignatureError, "the token is not valid yet (its nbf or iat)"),
    (jwt.InvalidAudienceError, "the token is for another audience (its aud)"),
    (jwt.InvalidIssuerError, "the token is from another issuer (its iss)"),
    (jwt.InvalidIssuedAtError, "the token's claim 'iat' must be a number of seconds"),
    (InvalidSubjectError, "the token's claim 'sub' must be a text"),
    (InvalidJTIError, "the token's claim 'jti' must be a text"),
    (jwt.DecodeError, "the token is no well-formed JWT"),
    (
        jwt.PyJWTError,
        "the token's header has a crit, b64 or kid that is not accepted",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """What a token is signed for.

    Attributes:
        project_id: The only project it may see; None is every one of the account.
        scopes: None leaves the claim out.
    """

    account: str
    subject: str
    project_id: int | None = None
    scopes: Iterable[str] | None = None
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenHeader:
    """A token's header, whose signature is not verified yet.

    Attributes:
        kid: Which of the provider's keys it is signed with; None where it is absent.
    """

    algorithm: JwtAlgorithm
    kid: str | None


def parse_token_header(token: str, rules: TokenRules) -> TokenHeader:
    """Parse and check a token's header.

    Raises:
        UnauthenticatedError: The token is too long, or its header is not accepted.
    """
    if len(token) > MAX_TOKEN_BYTES:
        raise UnauthenticatedError(f"the token is longer than {MAX_TOKEN_BYTES} bytes")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError as exc:
        raise UnauthenticatedError(to_token_refusal(exc)) from exc
    check_header(header, rules)
    return TokenHeader(algorithm=header["alg"], kid=header.get("kid"))


def verify_token(
    token: str, rules: TokenRules, *, key: PublicKey | None = None
) -> Principal:
    """Verify a token's header, signature and claims, in this order.

    Args:
        token: As it came.
        rules: What to check.
        key: The key that its header names, where the rules have none.

    Raises:
        UnauthenticatedError: It is invalid; the message says why, and quotes nothing
            of the token.
    """
    header = parse_token_header(token, rules)
    try:
        claims = decode_claims(token, rules, header.algorithm, key or rules.key)
    except jwt.PyJWTError as exc:
        raise UnauthenticatedError(to_token_refusal(exc)) from exc
    if not claims.keys().isdisjoint(OTHER_CLAIMS):
        raise UnauthenticatedError(
            "the token is an ID token or an event; send an access token"
        )
    return to_principal(claims, default_scopes=rules.default_scopes, names=rules.names)


def check_header(header: Mapping[str, Any], rules: TokenRules) -> None:
    """Check the algorithm and type of a header, and refuse dangerous parameters.

    Raises:
        UnauthenticatedError: It is not accepted.
    """
    if refused := [name for name in REFUSED_HEADERS if name in header]:
        raise UnauthenticatedError(
            f"the token's header has {', '.join(refused)}, which is never accepted"
        )
    if header.get("alg") not in rules.algorithms:
        raise UnauthenticatedError(
            "the token's algorithm (alg) is not accepted;"
            f" sign with {', '.join(rules.algorithms)}"
        )
    if not is_type(header.get("typ", "JWT")):
        raise UnauthenticatedError(
            "the token is of another type; its typ must be JWT or at+jwt, or absent"
        )


def is_type(value: object) -> bool:
    """Tell whether a `typ` is accepted; media types are case-insensitive (RFC 7515)."""
    return isinstance(value, str) and value.lower() in TYPES


def decode_claims(
    token: str,
    rules: TokenRules,
    algorithm: JwtAlgorithm,
    key: bytes | PublicKey | None,
) -> dict[str, Any]:
    """Verify the signature and the registered claims."""
    if key is None:
        raise TypeError("a provider's token is checked without its key")
    claims: dict[str, Any] = jwt.decode(
        token,
        key,
        algorithms=[algorithm],
        audience=rules.audience,
        issuer=rules.issuer,
        leeway=rules.leeway_s,
        options={
            "require": ["exp", "sub"],
            "verify_aud": rules.audience is not None,
            "verify_iss": rules.issuer is not None,
        },
    )
    return claims


def to_token_refusal(exc: jwt.PyJWTError) -> str:
    """Give the message for a library's error, quoting nothing of the token."""
    if isinstance(exc, jwt.MissingRequiredClaimError):
        return f"the token lacks the claim {exc.claim!r}"
    return next(reason for kind, reason in REASONS if isinstance(exc, kind))


def sign_token(request: TokenRequest, rules: TokenRules | None) -> str:
    """Sign a token that `verify_token` accepts, for development.

    Raises:
        SettingsError: There is no secret to sign with.
    """
    if rules is None or not isinstance(rules.key, bytes):
        raise SettingsError(
            "GATEWAY_JWT_SECRET is not set, and only with it the gateway can sign"
            " tokens; set it, or get a token from your issuer"
        )
    return jwt.encode(to_claims(request, rules), rules.key, algorithm="HS256")


def to_claims(request: TokenRequest, rules: TokenRules) -> dict[str, Any]:
    """Convert a request to claims, with the issuer and audience that are set."""
    scopes = None if request.scopes is None else " ".join(sorted(request.scopes))
    claims = {
        "iss": rules.issuer,
        "aud": rules.audience,
        "sub": request.subject,
        "iat": int(datetime.now(UTC).timestamp()),
        "exp": int(request.expires_at.timestamp()),
        rules.names.account: request.account,
        rules.names.project: request.project_id,
        rules.names.scopes[0]: scopes,
    }
    return {name: value for name, value in claims.items() if value is not None}
