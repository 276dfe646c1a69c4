"""Settings to the rules by which JWTs are verified: key, algorithms, claims."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeGuard, get_args

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt import InvalidKeyError
from jwt.algorithms import HMACAlgorithm

from gateway.auth.claims import SCOPE_CLAIMS, ClaimNames
from gateway.errors import SettingsError
from gateway.setting_texts import JwtAlgorithm
from gateway.settings import Settings

PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey | Ed448PublicKey

# For a provider's published keys, so without the algorithm of a shared secret.
ASYMMETRIC = tuple(name for name in get_args(JwtAlgorithm) if name != "HS256")
MIN_SECRET_BYTES = 32
MIN_RSA_BITS = 2048
RIGHT_KEYS = (
    f"RSA of {MIN_RSA_BITS} bits or more (RS256), P-256 (ES256) or Ed25519 (EdDSA)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRules:
    """The rules by which a token is verified.

    Attributes:
        key: The HS256 secret, or a public key; None: the keys of the identity provider.
        algorithms: The algorithms to accept, whatever a token's header says.
        issuer: The `iss` to accept; None accepts any.
        audience: The `aud` to accept; None accepts any.
        default_scopes: The scopes of a token without a scope claim.
        names: The claims that hold account, project and scopes.
    """

    key: bytes | PublicKey | None = field(repr=False)
    algorithms: tuple[JwtAlgorithm, ...]
    issuer: str | None = None
    audience: str | None = None
    leeway_s: int = 0
    default_scopes: frozenset[str] = frozenset()
    names: ClaimNames = field(default_factory=ClaimNames)


def to_token_rules(settings: Settings) -> TokenRules | None:
    """Read the key and check that the settings fit it; None: accept no tokens.

    Raises:
        SettingsError: A key is unusable, or two settings contradict each other.
    """
    key = read_key(settings)
    if key is None and settings.jwt_issuer is None:
        if settings.jwt_algorithms:
            raise SettingsError(
                "GATEWAY_JWT_ALGORITHMS is set without a key; set GATEWAY_JWT_ISSUER,"
                " GATEWAY_JWT_SECRET or GATEWAY_JWT_PUBLIC_KEY, too"
            )
        return None
    return TokenRules(
        key=key,
        algorithms=choose_algorithms(settings, key),
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        leeway_s=settings.jwt_leeway_s,
        default_scopes=frozenset(settings.default_scopes),
        names=to_claim_names(settings),
    )


def to_claim_names(settings: Settings) -> ClaimNames:
    """Give the names of the claims."""
    scopes = settings.jwt_scope_claim
    return ClaimNames(
        account=settings.jwt_account_claim,
        project=settings.jwt_project_claim,
        scopes=SCOPE_CLAIMS if scopes in SCOPE_CLAIMS else (scopes,),
    )


def read_key(settings: Settings) -> bytes | PublicKey | None:
    """Read the key that is set, if any.

    Raises:
        SettingsError: There are two, or it is unusable.
    """
    if settings.jwt_secret is not None and settings.jwt_public_key is not None:
        raise SettingsError(
            "GATEWAY_JWT_SECRET and GATEWAY_JWT_PUBLIC_KEY are both set; set only one"
        )
    if settings.jwt_secret is not None:
        return to_secret(settings.jwt_secret.get_secret_value())
    if settings.jwt_public_key is not None:
        return read_public_key(settings.jwt_public_key)
    return None


def to_secret(text: str) -> bytes:
    """Check an HS256 secret, which needs as many bits as the hash (RFC 7518, 3.2)."""
    secret = text.encode()
    if len(secret) < MIN_SECRET_BYTES:
        raise SettingsError(
            f"GATEWAY_JWT_SECRET is too short ({len(secret)} bytes of at least"
            f" {MIN_SECRET_BYTES}); give random ones, such as `openssl rand -hex 32`"
            " prints, or unset it"
        )
    if is_public_text(secret):
        raise SettingsError(
            "GATEWAY_JWT_SECRET holds a PEM or SSH key, which others may know; give"
            " the path of a PEM file with a public key in GATEWAY_JWT_PUBLIC_KEY"
        )
    return secret


def is_public_text(secret: bytes) -> bool:
    """Tell whether a secret is, or contains, the text of a public key."""
    if b"-----BEGIN" in secret:
        return True
    try:
        HMACAlgorithm(HMACAlgorithm.SHA256).prepare_key(secret)
    except InvalidKeyError:
        return True
    return False


def read_public_key(path: Path) -> PublicKey:
    """Read a PEM file with a public key.

    Raises:
        SettingsError: The file cannot be read, or holds something else.
    """
    try:
        pem = path.read_bytes()
    except OSError as exc:
        reason = (exc.strerror or "it cannot be opened").lower()
        raise SettingsError(
            f"GATEWAY_JWT_PUBLIC_KEY: cannot read {str(path)!r}: {reason}; give the"
            " path of a PEM file with a public key"
        ) from exc
    if b"PRIVATE KEY-----" in pem:
        raise SettingsError(
            f"GATEWAY_JWT_PUBLIC_KEY: {str(path)!r} holds a private key; give the"
            " public half, such as `openssl pkey -pubout` prints"
        )
    return parse_public_key(pem, path)


def parse_public_key(pem: bytes, path: Path) -> PublicKey:
    """Parse a PEM public key that one of the algorithms can use."""
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as exc:
        raise SettingsError(
            f"GATEWAY_JWT_PUBLIC_KEY: {str(path)!r} holds no PEM public key; it must"
            " begin with -----BEGIN PUBLIC KEY-----"
        ) from exc
    if not is_usable(key):
        raise SettingsError(
            f"GATEWAY_JWT_PUBLIC_KEY: {str(path)!r} holds a key of another kind; give"
            f" one of {RIGHT_KEYS}"
        )
    return key


def is_usable(key: PublicKeyTypes) -> TypeGuard[PublicKey]:
    """Tell whether an algorithm can use a key, and it is long enough."""
    if isinstance(key, RSAPublicKey):
        return key.key_size >= MIN_RSA_BITS
    if isinstance(key, EllipticCurvePublicKey):
        return isinstance(key.curve, SECP256R1)
    return isinstance(key, Ed25519PublicKey | Ed448PublicKey)


def to_algorithm(key: bytes | PublicKey) -> JwtAlgorithm:
    """Give the one algorithm that fits a key."""
    if isinstance(key, bytes):
        return "HS256"
    if isinstance(key, RSAPublicKey):
        return "RS256"
    return "ES256" if isinstance(key, EllipticCurvePublicKey) else "EdDSA"


def choose_algorithms(
    settings: Settings, key: bytes | PublicKey | None
) -> tuple[JwtAlgorithm, ...]:
    """Choose the algorithms that are set, or else all that fit the key.

    Raises:
        SettingsError: One that is set does not fit the key.
    """
    fitting = ASYMMETRIC if key is None else (to_algorithm(key),)
    if wrong := [name for name in settings.jwt_algorithms if name not in fitting]:
        what = (
            "the keys of a provider fit" if key is None else "the key that is set fits"
        )
        raise SettingsError(
            f"GATEWAY_JWT_ALGORITHMS names {', '.join(wrong)}, but {what}"
            f" {', '.join(fitting)}; set only those, or unset it"
        )
    return tuple(dict.fromkeys(settings.jwt_algorithms)) or fitting
