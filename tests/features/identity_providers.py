"""A certified OpenID provider of npm, run on loopback as a process."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from tests.packages import install_npm

PROJECT = Path(__file__).with_name("identity_provider")
PATIENCE_S = 120
RESOURCE = "https://jobs.example.com"
SERVICE = ("service", "s3cr3t-of-the-service")

Jwk = dict[str, Any]


def make_jwk(kid: str, algorithm: str = "RS256") -> Jwk:
    """Make a private key, as a provider keeps it."""
    jwk = (
        RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 2048), as_dict=True)
        if algorithm == "RS256"
        else ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True)
    )
    jwk.pop("key_ops", None)
    return jwk | {"kid": kid, "alg": algorithm, "use": "sig"}


async def install_provider(folder: Path) -> Path:
    """Install the provider into a folder, or skip the test."""
    return await install_npm("identity-provider", PROJECT, folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider at an address of its own, whether it runs or not.

    Attributes:
        gateway_port: Of the gateway where a login in a browser ends.
    """

    folder: Path
    port: int
    gateway_port: int

    @property
    def issuer(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def running(self, keys: Sequence[Jwk]) -> AsyncIterator[None]:
        """Run within the block, signing with the first of the keys."""
        values = {
            "port": self.port,
            "keys": keys,
            "redirectUri": f"http://127.0.0.1:{self.gateway_port}/graphql/login",
        }
        process = await asyncio.create_subprocess_exec(
            "node",
            "provider.mjs",
            json.dumps(values),
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(PATIENCE_S):
                assert b"listening" in await process.stdout.readuntil(b"listening\n")
            yield
        finally:
            process.kill()
            await process.wait()

    async def fetch_token(self, *, resource: str = RESOURCE) -> str:
        """Get a token as a service does, with the grant of client credentials."""
        async with httpx2.AsyncClient(base_url=self.issuer) as client:
            response = await client.post(
                "/token",
                auth=SERVICE,
                data={
                    "grant_type": "client_credentials",
                    "scope": "jobs:read",
                    "resource": resource,
                },
            )
        token: str = response.json()["access_token"]
        return token
