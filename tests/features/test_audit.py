"""What is done to credentials is in the log, a line for each act, and no secret is."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import httpx2

from gateway.store.version import NEEDED_VERSION
from tests.auth.signing import SECRET, make_claims, make_key_pair, make_token
from tests.features.bad_credentials import (
    AUDIENCE,
    ISSUER,
    Attempt,
    Keys,
    make_attempts,
    to_good_token,
)
from tests.features.clients import to_body
from tests.features.gateways import Ended, Gateway, running_gateway, to_end

PATIENCE_S = 60
WHO = to_body("{ viewer { subject } }")
BROKEN = to_body("{ viewer {")
PLAIN_KEY = "0123456789abcdef0123456789abcdef01234567"


def to_lines(log: str) -> list[dict[str, Any]]:
    """Read the lines of the audit."""
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return [line for line in lines if line["logger"] == "gateway.audit"]


def to_events(ended: Ended) -> list[str]:
    assert ended.code == 0, ended.stderr
    return [line["event"] for line in to_lines(ended.stderr)]


async def test_administrative_acts_are_a_line_each(tmp_path: Path) -> None:
    env = {"GATEWAY_DATABASE_URL": f"sqlite:///{tmp_path / 'new.db'}"}
    (tmp_path / "keys.txt").write_text(f"{PLAIN_KEY}\nmodzy12345.a-secret-that-is-long")
    upgraded = await to_end("db", "upgrade", env=env)
    again = await to_end("db", "upgrade", env=env)
    created = await to_end("keys", "create", "--account", "acme", env=env)
    imported = await to_end(
        "keys", "import", str(tmp_path / "keys.txt"), "--account", "acme", env=env
    )
    revoked = await to_end("keys", "revoke", created.stdout.strip(), env=env)
    rebuilt = await to_end("db", "rebuild-usage", env=env)
    assert (to_events(upgraded), to_events(again)) == (["database_migrated"], [])
    assert to_lines(upgraded.stderr)[0]["after"] == NEEDED_VERSION
    assert to_events(created) == ["key_created"]
    assert to_events(imported) == ["key_imported", "key_imported"]
    assert to_events(revoked) == ["key_revoked"]
    assert to_events(rebuilt) == ["usage_rebuilt"]
    secret = created.stdout.strip().partition(".")[2]
    for each in (created, imported, revoked):
        assert not find([secret, PLAIN_KEY, "a-secret-that-is-long"], each.stderr)


async def test_acts_are_logged_whatever_the_level_of_a_server(sqlite_url: str) -> None:
    env = {"GATEWAY_DATABASE_URL": sqlite_url, "GATEWAY_LOG_LEVEL": "error"}
    created = await to_end("keys", "create", "--account", "acme", env=env)
    assert to_events(created) == ["key_created"]


async def make_key(env: Mapping[str, str], *options: str) -> str:
    words = ("keys", "create", "--account", "acme", *options)
    return (await to_end(*words, env=env)).stdout.strip()


async def test_an_account_that_is_named_is_logged_with_who_named_it(
    sqlite_url: str,
) -> None:
    env = {"GATEWAY_DATABASE_URL": sqlite_url}
    admin, reader = await make_key(env, "--scope", "admin"), await make_key(env)
    async with running_gateway(env=env) as gateway:
        async with httpx2.AsyncClient(base_url=gateway.address) as client:
            for key, account in (
                (admin, "globex"),
                (admin, "acme"),
                (reader, "globex"),
            ):
                headers = {"x-api-key": key, "x-account": account}
                await client.post("/graphql", json=WHO, headers=headers)
        lines = to_lines((await gateway.stop()).stderr)
    named, refused = lines
    assert (named["event"], named["account"]) == ("account_named", "globex")
    assert (named["own_account"], named["key_prefix"]) == ("acme", to_prefix(admin))
    assert (refused["event"], refused["header"]) == ("credential_refused", "x-account")
    assert refused["key_prefix"] == to_prefix(reader)


def to_prefix(key: str) -> str:
    return key.partition(".")[0]


async def test_no_secret_of_a_run_is_in_its_whole_log(
    sqlite_url: str, tmp_path: Path
) -> None:
    pair, path = make_key_pair("RS256"), tmp_path / "public.pem"
    path.write_bytes(pair.public)
    env = {
        "GATEWAY_DATABASE_URL": sqlite_url,
        "GATEWAY_JWT_PUBLIC_KEY": str(path),
        "GATEWAY_JWT_ISSUER": ISSUER,
        "GATEWAY_JWT_AUDIENCE": AUDIENCE,
        "GATEWAY_LOG_LEVEL": "debug",
        "GATEWAY_RATE_LIMIT": "20/minute",
    }
    good, revoked, expired = [await make_key(env) for _ in range(3)]
    await to_end("keys", "revoke", revoked, env=env)
    keys = Keys(pair=pair, good=good, revoked=revoked, expired=expired)
    made = make_attempts(keys)
    # The client itself refuses to send blanks.
    attempts = [made[name] for name in made if name != "key: blank"]
    attempts += make_good(keys)
    async with running_gateway("--workers", "2", env=env) as gateway:
        reading = asyncio.create_task(read_log(gateway))
        statuses = await send_all(gateway.address, attempts)
        gateway.process.terminate()
        log = await reading
    # Refused, forbidden, limited, malformed and answered: each has its lines.
    assert {200, 400, 401, 429} <= statuses
    assert log.count("credential_refused") >= 60
    assert "POST /graphql 401" in log
    assert not find({s for each in attempts for s in each.secrets}, log)
    assert "Traceback" not in log


async def read_log(gateway: Gateway) -> str:
    """Read the log to its end; nobody could write to a pipe that is full."""
    assert gateway.process.stderr is not None
    log = (await gateway.process.stderr.read()).decode()
    await gateway.process.wait()
    return log


def make_good(keys: Keys) -> Iterable[Attempt]:
    """Make attempts that succeed, each with what it must not leave behind."""
    secret = keys.good.partition(".")[2]
    yield Attempt(headers=[("x-api-key", keys.good)], secrets=[secret])
    yield Attempt(headers=[("authorization", f"Token {keys.good}")], secrets=[secret])
    for subject in ("ada", "bob"):
        token = to_good_token(keys, sub=subject)
        secrets = token.split(".")[1:]
        yield Attempt(headers=[("authorization", f"Bearer {token}")], secrets=secrets)
        yield Attempt(headers=[("cookie", f"jwt={token}")], secrets=secrets)


async def send_all(address: str, attempts: Iterable[Attempt]) -> set[int]:
    """Send each attempt with operations that are right and wrong, by POST and GET."""
    statuses = set()
    async with httpx2.AsyncClient(base_url=address, timeout=PATIENCE_S) as client:
        for attempt in attempts:
            headers = [(n.encode(), v.encode("latin-1")) for n, v in attempt.headers]
            url = f"/graphql?{attempt.query}"
            typed = [*headers, (b"accept", b"application/graphql-response+json")]
            for answer in [
                await client.post(url, json=WHO, headers=headers),
                await client.post(url, json=BROKEN, headers=typed),
                await client.get(f"{url}&query={WHO['query']}", headers=headers),
                await client.get(f"/healthz?{attempt.query}", headers=headers),
            ]:
                statuses.add(answer.status_code)
    return statuses


async def test_the_secret_of_tokens_and_the_database_is_in_no_log(
    tmp_path: Path,
) -> None:
    env = {
        "GATEWAY_DATABASE_URL": "postgresql://gateway:hunter2-database@127.0.0.1:1/x",
        "GATEWAY_JWT_SECRET": SECRET,
        "GATEWAY_RATE_LIMIT": "1/minute",
        "GATEWAY_RATE_LIMIT_STORAGE": "redis://:hunter2-redis@127.0.0.1:1/0",
        "GATEWAY_LOG_LEVEL": "debug",
    }
    unreachable = await to_end("serve", "--port", "0", env=env)
    url = f"sqlite:///{tmp_path / 'new.db'}"
    env |= {"GATEWAY_DATABASE_URL": url}
    await to_end("db", "upgrade", env=env)
    token = make_token(make_claims(account="acme"))
    good = Attempt(headers=[("authorization", f"Bearer {token}")])
    async with running_gateway(env=env) as gateway:
        statuses = await send_all(gateway.address, [good])
        served = await gateway.stop()
    assert unreachable.code == 1
    assert 200 in statuses
    log = unreachable.stderr + unreachable.stdout + served.stderr + served.stdout
    assert "GATEWAY_RATE_LIMIT_STORAGE fails" in log
    secrets = [SECRET, token, "hunter2-database", "hunter2-redis"]
    assert not find(secrets, log)


def find(secrets: Iterable[str], log: str) -> list[str]:
    """Give the secrets that stand in a log."""
    return [secret for secret in secrets if secret in log]
