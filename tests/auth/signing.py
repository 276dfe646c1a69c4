"""Tokens for tests: a good one, and whatever a test changes about it."""

import time
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from gateway.auth.token_rules import TokenRules

SECRET = "s3cr3t-" * 5
RULES = TokenRules(
    key=SECRET.encode(),
    algorithms=("HS256",),
    leeway_s=30,
    default_scopes=frozenset({"jobs:read", "usage:read"}),
)

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """The PEM files of a private key and of its public half."""

    private: bytes
    public: bytes


def make_key_pair(algorithm: str) -> KeyPair:
    """Make keys for an algorithm."""
    match algorithm:
        case "RS256":
            return to_pair(rsa.generate_private_key(65537, 2048))
        case "ES256":
            return to_pair(ec.generate_private_key(ec.SECP256R1()))
        case _:
            return to_pair(ed25519.Ed25519PrivateKey.generate())


def to_pair(key: PrivateKey) -> KeyPair:
    """Write a key as PEM."""
    return KeyPair(
        private=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        public=key.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        ),
    )


def make_claims(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- any claim
    """Make good claims; a change to None leaves the claim out."""
    now = int(time.time())
    claims = {"account": "acme", "sub": "ada", "iat": now, "exp": now + 600, **changes}
    return {name: value for name, value in claims.items() if value is not None}


def make_token(
    claims: dict[str, Any] | None = None,
    *,
    key: str | bytes = SECRET,
    algorithm: str = "HS256",
    header: dict[str, Any] | None = None,
) -> str:
    """Sign claims, good ones by default."""
    payload = make_claims() if claims is None else claims
    return jwt.encode(payload, key, algorithm=algorithm, headers=header)
