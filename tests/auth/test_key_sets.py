from typing import Any, get_args

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from jwt.algorithms import OKPAlgorithm, RSAAlgorithm

from gateway.auth.key_sets import parse_key_set
from gateway.errors import UpstreamError
from gateway.setting_texts import JwtAlgorithm
from tests.auth.jwks import PrivateKey, to_jwk

RSA_KEY = rsa.generate_private_key(65537, 2048)
P256 = ec.generate_private_key(ec.SECP256R1())
RSA_ALGORITHMS = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
KEYS: dict[str, tuple[PrivateKey, set[str]]] = {
    "RSA": (RSA_KEY, RSA_ALGORITHMS),
    "P-256": (P256, {"ES256"}),
    "P-384": (ec.generate_private_key(ec.SECP384R1()), {"ES384"}),
    "P-521": (ec.generate_private_key(ec.SECP521R1()), {"ES512"}),
    "Ed25519": (ed25519.Ed25519PrivateKey.generate(), {"EdDSA"}),
    "Ed448": (ed448.Ed448PrivateKey.generate(), {"EdDSA"}),
    "secp256k1": (ec.generate_private_key(ec.SECP256K1()), set()),
    "short RSA": (rsa.generate_private_key(65537, 1024), set()),  # noqa: S505 -- as it shall not be
}


def to_usable(document: dict[str, Any], kid: str | None = "first") -> set[str]:
    """Give the algorithms that a key can check."""
    keys = parse_key_set(document)
    return {name for name in get_args(JwtAlgorithm) if keys.find(kid, name)}


@pytest.mark.parametrize(("key", "algorithms"), KEYS.values(), ids=KEYS)
def test_a_key_checks_the_algorithms_that_fit_it(
    key: PrivateKey, algorithms: set[str]
) -> None:
    assert to_usable({"keys": [to_jwk(key)]}) == algorithms


def to_name(value: object) -> str:
    """Name a parameter; the order of a set is another in each process."""
    return " ".join(sorted(value)) if isinstance(value, set | frozenset) else str(value)


@pytest.mark.parametrize(
    ("changes", "algorithms"),
    [
        ({"use": "sig"}, RSA_ALGORITHMS),
        ({"alg": "PS256"}, {"PS256"}),
        ({"key_ops": ["verify", "encrypt"]}, RSA_ALGORITHMS),
        ({"alg": "HS256"}, set()),
        ({"alg": "none"}, set()),
        ({"alg": ["RS256"]}, set()),
        ({"use": "enc"}, set()),
        ({"key_ops": ["encrypt"]}, set()),
        ({"key_ops": "verify"}, set()),
        ({"kid": 7}, set()),
        ({"kty": "EC"}, set()),
        ({"kty": ["RSA"]}, set()),
        ({"n": None}, set()),
        ({"n": 7}, set()),
        ({"n": "!"}, set()),
    ],
    ids=to_name,
)
def test_what_a_key_says_of_itself_is_kept_to(
    changes: dict[str, Any], algorithms: set[str]
) -> None:
    assert to_usable({"keys": [to_jwk(RSA_KEY, **changes)]}) == algorithms


@pytest.mark.parametrize(
    "jwk",
    [
        {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0", "kid": "first"},
        RSAAlgorithm.to_jwk(RSA_KEY, as_dict=True) | {"kid": "first"},
        OKPAlgorithm.to_jwk(
            ed25519.Ed25519PrivateKey.generate().public_key(), as_dict=True
        )
        | {"crv": "X25519", "kid": "first"},
        "first",
        None,
    ],
    ids=["secret", "private", "agreement", "text", "null"],
)
def test_what_is_no_public_key_for_signatures_is_left_out(jwk: object) -> None:
    good = to_jwk(P256, kid="second")
    keys = {"keys": [jwk, good]}
    assert (to_usable(keys), to_usable(keys, "second")) == (set(), {"ES256"})


def test_a_token_need_not_name_a_key_that_is_the_only_one() -> None:
    keys = {"keys": [to_jwk(RSA_KEY), to_jwk(P256), to_jwk(RSA_KEY, kid="second")]}
    assert to_usable(keys, None) == {"ES256"}


def test_a_curve_by_its_own_name_is_the_common_algorithm() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    assert to_usable({"keys": [to_jwk(key, alg="Ed25519")]}) == {"EdDSA"}


@pytest.mark.parametrize(
    "document", [{}, {"keys": None}, {"keys": {}}, {"keys": [None] * 101}], ids=str
)
def test_what_is_no_key_set_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(UpstreamError, match="a list 'keys' of at most 100 keys"):
        parse_key_set(document)
