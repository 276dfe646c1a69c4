"""JSON Web Key Sets to the public keys that tokens are checked with (RFC 7517)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    SECP521R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from gateway.auth.token_rules import MIN_RSA_BITS, PublicKey
from gateway.errors import UpstreamError
from gateway.setting_texts import JwtAlgorithm

Entry = tuple[str | None, JwtAlgorithm]

MAX_KEYS = 100
RSA: tuple[JwtAlgorithm, ...] = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
CURVES: Mapping[type, JwtAlgorithm] = {
    SECP256R1: "ES256",
    SECP384R1: "ES384",
    SECP521R1: "ES512",
}
# A secret has no place in what is public: `oct` is not among them (RFC 8725, 2.1).
PARSERS = {
    "RSA": RSAAlgorithm.from_jwk,
    "EC": ECAlgorithm.from_jwk,
    "OKP": OKPAlgorithm.from_jwk,
}
# RFC 9864 names the curves, and the library their common name.
EDWARDS = ("Ed25519", "Ed448")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySet:
    """The keys of a provider, by their identifiers and what they may check.

    Attributes:
        keys: Under None the one that fits an algorithm, where it is the only one.
    """

    keys: Mapping[Entry, PublicKey] = field(default_factory=dict)

    def find(self, id: str | None, algorithm: JwtAlgorithm) -> PublicKey | None:
        """Find the key that a token's header names."""
        return self.keys.get((id, algorithm))


def parse_key_set(document: Mapping[str, Any]) -> KeySet:
    """Read a key set; what cannot check signatures is left out.

    Raises:
        UpstreamError: It is no key set, or has very many keys.
    """
    keys = document.get("keys")
    if not isinstance(keys, list) or len(keys) > MAX_KEYS:
        raise UpstreamError(
            f"the key set must have a list 'keys' of at most {MAX_KEYS} keys"
        )
    named = [entry for key in keys for entry in to_entries(key)]
    return KeySet(keys=dict([*to_only_ones(named), *reversed(named)]))


def to_only_ones(
    named: Iterable[tuple[Entry, PublicKey]],
) -> Iterator[tuple[Entry, PublicKey]]:
    """Give the keys that a token need not name."""
    named = list(named)
    counts = Counter(algorithm for (_, algorithm), _ in named)
    for (_, algorithm), key in named:
        if counts[algorithm] == 1:
            yield (None, algorithm), key


def to_entries(jwk: object) -> Iterator[tuple[Entry, PublicKey]]:
    """Give a key once for each algorithm it may check."""
    if not isinstance(jwk, dict) or not is_for_signatures(jwk):
        return
    key = to_key(jwk)
    id = jwk.get("kid")
    if key is None or not isinstance(id, str | None):
        return
    stated = "EdDSA" if jwk.get("alg") in EDWARDS else jwk.get("alg")
    for algorithm in to_algorithms(key):
        if stated in (None, algorithm):
            yield (id, algorithm), key


def is_for_signatures(jwk: Mapping[str, Any]) -> bool:
    """Tell whether a key is public, and made known for checking signatures."""
    operations = jwk.get("key_ops", ["verify"])
    return (
        "d" not in jwk
        and jwk.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
    )


def to_key(jwk: Mapping[str, Any]) -> PublicKey | None:
    """Read a key; None where it is of no kind that is known."""
    kind = jwk.get("kty")
    parse = PARSERS.get(kind) if isinstance(kind, str) else None
    if parse is None:
        return None
    try:
        key = parse(dict(jwk))
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, PublicKey) else None


def to_algorithms(key: PublicKey) -> tuple[JwtAlgorithm, ...]:
    """Give the algorithms that fit a key; none where it is too weak."""
    if isinstance(key, RSAPublicKey):
        return RSA if key.key_size >= MIN_RSA_BITS else ()
    if isinstance(key, EllipticCurvePublicKey):
        algorithm = CURVES.get(type(key.curve))
        return (algorithm,) if algorithm else ()
    return ("EdDSA",)
