"""Keys that tokens are signed with; made once, for an RSA key takes a while."""

import pytest

from gateway.auth.token_rules import TokenRules, to_token_rules
from gateway.settings import read_settings
from tests.auth.signing import KeyPair, make_key_pair


@pytest.fixture(scope="session")
def rsa_pair() -> KeyPair:
    return make_key_pair("RS256")


@pytest.fixture(scope="session")
def rsa_rules(
    rsa_pair: KeyPair, tmp_path_factory: pytest.TempPathFactory
) -> TokenRules:
    """The rules of a gateway that knows the public key."""
    path = tmp_path_factory.mktemp("keys") / "public.pem"
    path.write_bytes(rsa_pair.public)
    rules = to_token_rules(read_settings(jwt_public_key=path))
    assert rules is not None
    return rules
