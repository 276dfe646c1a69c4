"""Key sets for tests, as a provider publishes them."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

Jwk = dict[str, Any]
PrivateKey = (
    rsa.RSAPrivateKey
    | ec.EllipticCurvePrivateKey
    | ed25519.Ed25519PrivateKey
    | ed448.Ed448PrivateKey
)


def to_jwk(key: PrivateKey, **changes: object) -> Jwk:
    """Write the public half; a change to None leaves a member out."""
    public = to_members(key)
    members = {**public, "kid": "first", **changes}
    return {name: value for name, value in members.items() if value is not None}


def to_members(key: PrivateKey) -> Jwk:
    """Write the public half as the library does."""
    match key:
        case rsa.RSAPrivateKey():
            return RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        case ec.EllipticCurvePrivateKey():
            return ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
        case _:
            return OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
