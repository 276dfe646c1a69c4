"""JSON Web Key Sets to public keys (RFC 7517)."""

from collections import Counter
from collections.abc import Iterator, Mapping
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
# Without `oct`: a symmetric secret must not be published (RFC 8725, 2.1).
PARSERS = {
    "RSA": RSAAlgorithm.from_jwk,
    "EC": ECAlgorithm.from_jwk,
    "OKP": OKPAlgorithm.from_jwk,
}
# RFC 9864 names the curves; the library calls both EdDSA.
EDWARDS = ("Ed25519", "Ed448")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySet:
    """The keys of a provider, by `kid` and algorithm.

    Attributes:
        keys: Under the `kid` None the only key of an algorithm, where there is one.
    """

    keys: Mapping[Entry, PublicKey] = field(default_factory=dict)

    def find(self, id: str | None, algorithm: JwtAlgorithm) -> PublicKey | None:
        """Look up the key for a token's header."""
        return self.keys.get((id, algorithm))


def parse_key_set(document: Mapping[str, Any]) -> KeySet:
    """Parse a key set, leaving out what cannot verify signatures.

    Raises:
        UpstreamError: It is malformed, or has too many keys.
    """
    keys = document.get("keys")
    if not isinstance(keys, list) or len(keys) > MAX_KEYS:
        raise UpstreamError(
            f"the key set must have a list 'keys' of at most {MAX_KEYS} keys"
        )
    named = [entry for key in keys for entry in to_jwk_entries(key)]
    counts = Counter(algorithm for (_, algorithm), _ in named)
    # A token need not name the only key of an algorithm; of equal names the first wins.
    only = [((None, at), key) for (_, at), key in named if counts[at] == 1]
    return KeySet(keys=dict([*only, *reversed(named)]))


def to_jwk_entries(jwk: object) -> Iterator[tuple[Entry, PublicKey]]:
    """Give a key once for each algorithm it can verify."""
    if not isinstance(jwk, dict) or not is_for_signatures(jwk):
        return
    key = parse_jwk(jwk)
    id = jwk.get("kid")
    if key is None or not isinstance(id, str | None):
        return
    stated = "EdDSA" if jwk.get("alg") in EDWARDS else jwk.get("alg")
    for algorithm in to_algorithms(key):
        if stated in (None, algorithm):
            yield (id, algorithm), key


def is_for_signatures(jwk: Mapping[str, Any]) -> bool:
    """Tell whether a key is public, and published for verifying signatures."""
    operations = jwk.get("key_ops", ["verify"])
    return (
        "d" not in jwk
        and jwk.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
    )


def parse_jwk(jwk: Mapping[str, Any]) -> PublicKey | None:
    """Parse a key; None where it is malformed, or of an unknown type."""
    key_type = jwk.get("kty")
    parse = PARSERS.get(key_type) if isinstance(key_type, str) else None
    if parse is None:
        return None
    try:
        key = parse(dict(jwk))
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, PublicKey) else None


def to_algorithms(key: PublicKey) -> tuple[JwtAlgorithm, ...]:
    """Give the algorithms that a key can verify; none where it is too weak."""
    if isinstance(key, RSAPublicKey):
        return RSA if key.key_size >= MIN_RSA_BITS else ()
    if isinstance(key, EllipticCurvePublicKey):
        algorithm = CURVES.get(type(key.curve))
        return (algorithm,) if algorithm else ()
    return ("EdDSA",)
