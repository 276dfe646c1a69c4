from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gateway.auth.claims import ClaimNames
from gateway.auth.token_rules import to_token_rules
from gateway.auth.tokens import verify_token
from gateway.errors import SettingsError
from gateway.settings import read_settings
from tests.auth.signing import (
    SECRET,
    KeyPair,
    PrivateKey,
    make_key_pair,
    make_token,
    to_pair,
)


def test_without_a_key_there_are_no_rules() -> None:
    assert to_token_rules(read_settings()) is None


def test_a_secret_is_for_hs256_with_the_other_settings() -> None:
    rules = to_token_rules(
        read_settings(
            jwt_secret=SECRET,
            jwt_issuer="https://id.example",
            jwt_audience="jobs",
            jwt_leeway_s=5,
            default_scopes="jobs:read",
        )
    )
    assert rules is not None
    assert (rules.key, rules.algorithms) == (SECRET.encode(), ("HS256",))
    assert (rules.issuer, rules.audience) == ("https://id.example", "jobs")
    assert (rules.leeway_s, rules.default_scopes) == (5, frozenset({"jobs:read"}))


def test_a_secret_is_not_seen_in_the_repr_of_its_rules() -> None:
    assert "s3cr3t" not in repr(to_token_rules(read_settings(jwt_secret=SECRET)))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_a_public_key_checks_what_its_private_half_signed(
    algorithm: str, tmp_path: Path
) -> None:
    pair = make_key_pair(algorithm)
    path = tmp_path / "key.pem"
    path.write_bytes(pair.public)
    rules = to_token_rules(read_settings(jwt_public_key=path))
    assert rules is not None
    assert rules.algorithms == (algorithm,)
    token = make_token(key=pair.private.decode(), algorithm=algorithm)
    assert verify_token(token, rules).account == "acme"


@pytest.mark.parametrize("algorithms", ["HS256", "HS256 HS256"])
def test_an_algorithm_that_fits_the_key_may_be_set(algorithms: str) -> None:
    rules = to_token_rules(read_settings(jwt_secret=SECRET, jwt_algorithms=algorithms))
    assert rules is not None
    assert rules.algorithms == ("HS256",)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"jwt_secret": ""}, r"SECRET is too short \(0 bytes of at least 32\)"),
        ({"jwt_secret": "s3cr3t"}, r"GATEWAY_JWT_SECRET is too short \(6 bytes of"),
        (
            {"jwt_secret": "-----BEGIN PUBLIC KEY----- s3cr3t s3cr3t"},
            "GATEWAY_JWT_SECRET holds a PEM or SSH key, .* GATEWAY_JWT_PUBLIC_KEY",
        ),
        (
            {"jwt_secret": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIs3cr3t"},
            "GATEWAY_JWT_SECRET holds a PEM or SSH key, .* GATEWAY_JWT_PUBLIC_KEY",
        ),
        (
            {"jwt_secret": SECRET, "jwt_public_key": "key.pem"},
            "GATEWAY_JWT_SECRET and GATEWAY_JWT_PUBLIC_KEY are both set",
        ),
        (
            {"jwt_secret": SECRET, "jwt_algorithms": "RS256 HS256"},
            "GATEWAY_JWT_ALGORITHMS names RS256, but the key that is set fits HS256",
        ),
        ({"jwt_algorithms": "RS256"}, "GATEWAY_JWT_ALGORITHMS is set without a key"),
        (
            {"jwt_public_key": "not-there.pem"},
            "GATEWAY_JWT_PUBLIC_KEY: cannot read 'not-there.pem': no such file",
        ),
        ({"jwt_public_key": "."}, "cannot read '.': is a directory"),
    ],
)
def test_settings_that_cannot_work_are_refused(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingsError, match=message) as raised:
        to_token_rules(read_settings(**settings))
    assert "s3cr3t" not in raised.value.message


def test_an_algorithm_that_does_not_fit_a_public_key_is_refused(
    rsa_pair: KeyPair, tmp_path: Path
) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(rsa_pair.public)
    settings = read_settings(jwt_public_key=path, jwt_algorithms="HS256")
    with pytest.raises(SettingsError, match=r"names HS256, but .* fits RS256"):
        to_token_rules(settings)


@pytest.mark.parametrize(
    ("pem", "message"),
    [
        (b"", "holds no PEM public key; it must begin with -----BEGIN PUBLIC KEY"),
        (b"s3cr3t", "holds no PEM public key"),
        (
            b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
            "holds no PEM public key",
        ),
        (make_key_pair("EdDSA").private, "holds a private key; give the public half"),
    ],
    ids=["empty", "text", "broken", "private"],
)
def test_a_file_without_a_public_key_is_refused(
    pem: bytes, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(pem)
    with pytest.raises(SettingsError, match=message):
        to_token_rules(read_settings(jwt_public_key=path))


@pytest.mark.parametrize(
    "make_key",
    [
        lambda: rsa.generate_private_key(65537, 1024),  # noqa: S505 -- as it shall not be
        lambda: ec.generate_private_key(ec.SECP384R1()),
    ],
    ids=["rsa-1024", "p-384"],
)
def test_a_public_key_of_another_kind_is_refused(
    make_key: Callable[[], PrivateKey], tmp_path: Path
) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(to_pair(make_key()).public)
    with pytest.raises(SettingsError, match=r"another kind; give one of RSA of 2048"):
        to_token_rules(read_settings(jwt_public_key=path))


def test_an_issuer_alone_takes_what_its_provider_may_sign_with() -> None:
    rules = to_token_rules(read_settings(jwt_issuer="https://id.example"))
    assert rules is not None
    assert rules.key is None
    assert {"RS256", "PS256", "ES384", "EdDSA"} < set(rules.algorithms)
    assert "HS256" not in rules.algorithms


def test_the_algorithms_of_a_provider_can_be_narrowed() -> None:
    settings = read_settings(jwt_issuer="https://id.example", jwt_algorithms="ES256")
    rules = to_token_rules(settings)
    assert rules is not None
    assert rules.algorithms == ("ES256",)
    with pytest.raises(SettingsError, match="names HS256, but the keys of a provider"):
        to_token_rules(settings.replace(jwt_algorithms="HS256 ES256"))


@pytest.mark.parametrize(
    ("claim", "scopes"),
    [
        ("scope", ("scope", "scp")),
        ("scp", ("scope", "scp")),
        ("permissions", ("permissions",)),
    ],
)
def test_claims_are_named_by_settings(claim: str, scopes: tuple[str, ...]) -> None:
    rules = to_token_rules(
        read_settings(
            jwt_secret=SECRET,
            jwt_account_claim="tenant",
            jwt_project_claim="p",
            jwt_scope_claim=claim,
        )
    )
    assert rules is not None
    assert rules.names == ClaimNames(account="tenant", project="p", scopes=scopes)
