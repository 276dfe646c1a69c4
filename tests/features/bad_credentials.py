"""Credentials that must be refused: forged, malformed, expired, misplaced, foreign."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt

from tests.auth.signing import KeyPair, make_claims, make_key_pair

ISSUER, AUDIENCE = "https://id.example.com", "https://jobs.example.com"
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What the one who tries has: some of it theirs, some of it stolen."""

    pair: KeyPair
    good: str
    revoked: str
    expired: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A request's credential.

    Attributes:
        query: What the URL has besides.
        secrets: Texts that may stand in no answer and in no log.
    """

    headers: Sequence[Pair] = ()
    query: str = ""
    secrets: Sequence[str] = ()


def make_attempts(keys: Keys) -> Mapping[str, Attempt]:
    """Make all of them, by what is wrong about each."""
    forged = {**wrong_claims(keys), **wrong_headers(keys), **wrong_forms(keys)}
    return {
        **{f"token: {name}": bearer(token) for name, token in forged.items()},
        **{f"key: {name}": by_key(text) for name, text in wrong_keys(keys).items()},
        # The one text of them that is no secret.
        "key: a known prefix alone": Attempt(
            headers=[("x-api-key", keys.good.partition(".")[0])]
        ),
        **misplaced(keys),
        **doubled(keys),
        **foreign(keys),
    }


def to_good_token(keys: Keys, **changes: object) -> str:
    """Sign a token that holds, and whatever is changed about it."""
    claims = make_claims(**{"iss": ISSUER, "aud": AUDIENCE, **changes})
    return jwt.encode(claims, keys.pair.private, algorithm="RS256")


def bearer(token: str) -> Attempt:
    """Send a text as a bearer token."""
    return Attempt(
        headers=[("authorization", f"Bearer {token}")], secrets=to_secrets(token)
    )


def by_key(text: str) -> Attempt:
    """Send a text as an API key."""
    return Attempt(headers=[("x-api-key", text)], secrets=to_secrets(text))


def to_secrets(text: str) -> Sequence[str]:
    """Give what of a credential is secret: all but a key's prefix, a token's header."""
    _, *parts = text.split(".")
    return [part for part in [text, *parts] if len(part) > 8]


def wrong_claims(keys: Keys) -> Mapping[str, str]:
    """Sign, with the right key, what is not right."""
    now = int(time.time())
    changes: Mapping[str, dict[str, Any]] = {
        "expired": {"exp": now - 60},
        "without an end": {"exp": None},
        "an end that is a text": {"exp": "tomorrow"},
        "an end that is a list": {"exp": [now + 600]},
        "not valid yet": {"nbf": now + 600},
        "issued in the future": {"iat": now + 600},
        "another audience": {"aud": "https://others.example.com"},
        "other audiences": {"aud": ["a", "b"]},
        "a longer audience": {"aud": f"{AUDIENCE}.evil.example.com"},
        "no audience": {"aud": None},
        "another issuer": {"iss": "https://evil.example.com"},
        "an issuer with a slash": {"iss": f"{ISSUER}/"},
        "no issuer": {"iss": None},
        "no subject": {"sub": None},
        "a subject that is a number": {"sub": 7},
        "no account": {"account": None},
        "an empty account": {"account": ""},
        "an account that is a number": {"account": 7},
        "an account that is a list": {"account": ["acme"]},
        "a project that is a word": {"project": "seven"},
        "a project that is a part": {"project": 1.5},
        "scopes that are a number": {"scope": 7},
        "an ID token": {"at_hash": "x"},
        "a security event": {"events": {}},
    }
    return {name: to_good_token(keys, **change) for name, change in changes.items()}


def wrong_headers(keys: Keys) -> Mapping[str, str]:
    """Have a token say of itself how it is to be checked."""
    private, claims = keys.pair.private, make_claims(iss=ISSUER, aud=AUDIENCE)
    other, curve = make_key_pair("RS256"), make_key_pair("ES256")
    own = {"alg": "HS256", "typ": "JWT"}
    headers: Mapping[str, dict[str, Any]] = {
        "of type id+jwt": {"typ": "id+jwt"},
        "of type logout+jwt": {"typ": "logout+jwt"},
        "of type dpop+jwt": {"typ": "dpop+jwt"},
        "with crit": {"crit": ["exp"]},
        "with jku": {"jku": "https://evil.example.com/jwks"},
        "with x5u": {"x5u": "https://evil.example.com/cert"},
        "with a key in it": {"jwk": {"kty": "oct", "k": "AAAA"}},
        "with a certificate in it": {"x5c": ["MIIB"]},
    }
    algorithms = ("RS384", "RS512", "PS256", "PS512")
    return {
        **{
            name: jwt.encode(claims, private, algorithm="RS256", headers=header)
            for name, header in headers.items()
        },
        **{
            f"signed by {name}": jwt.encode(claims, private, algorithm=name)
            for name in algorithms
        },
        "signed by another key": jwt.encode(claims, other.private, algorithm="RS256"),
        "signed on a curve": jwt.encode(claims, curve.private, algorithm="ES256"),
        "signed with the public key": forge(own, claims, keys.pair.public),
        "signed with nothing": forge(own, claims, b""),
        "signed with its key": forge(own | {"jwk": {"k": "AAAA"}}, claims, b"\0\0\0"),
        "of no algorithm": forge({"alg": "none"}, claims, None),
        "of no algorithm, in capitals": forge({"alg": "NONE"}, claims, None),
        "of no algorithm, signed": forge({"alg": "nOnE"}, claims, b"x"),
        "of an unknown algorithm": forge({"alg": "XS256"}, claims, b"x"),
        "of an algorithm that is a number": forge({"alg": 1}, claims, b"x"),
        "without an algorithm": forge({"typ": "JWT"}, claims, b"x"),
    }


def wrong_forms(keys: Keys) -> Mapping[str, str]:
    """Break a token that holds."""
    good = to_good_token(keys)
    header, payload, signature = good.split(".")
    widened = encode(make_claims(account="globex", iss=ISSUER, aud=AUDIENCE))
    return {
        "with another payload": f"{header}.{widened}.{signature}",
        "without a signature": f"{header}.{payload}.",
        "with half a signature": f"{header}.{payload}.{signature[:100]}",
        "with a changed signature": f"{header}.{payload}.{signature[::-1]}",
        "of two parts": f"{header}.{payload}",
        "of four parts": f"{good}.{signature}",
        "of five parts": f"{header}.{payload}.{payload}.{payload}.{signature}",
        "with a blank": f"{header}. {payload}.{signature}",
        "percent-encoded": good.replace(".", "%2E"),
        "in quotes": f'"{good}"',
        "too long": to_good_token(keys, padding="x" * 9_000),
        "with a header that is no JSON": f"{encode_bytes(b'{')}.{payload}.{signature}",
        "with a header that is a list": f"{encode([])}.{payload}.{signature}",
        "with a payload that is no JSON": f"{header}.{encode_bytes(b'{')}.{signature}",
        "with a payload that is a list": f"{header}.{encode([])}.{signature}",
        "nested without end": f"{encode_bytes(b'[' * 5_000)}.{payload}.{signature}",
    }


def wrong_keys(keys: Keys) -> Mapping[str, str]:
    """Guess keys, and use those that hold no more."""
    prefix, _, secret = keys.good.partition(".")
    return {
        "unknown": f"nobody1234.{secret}",
        "a known prefix and another secret": f"{prefix}.{'guess' * 8}",
        "a known prefix and no secret": f"{prefix}.",
        "a secret alone": secret,
        "cut off": keys.good[:-1],
        "longer": f"{keys.good}A",
        "in capitals": keys.good.upper(),
        "of two keys": f"{keys.good},{keys.good}",
        "its digest": hashlib.sha256(keys.good.encode()).hexdigest(),
        "its digest behind its prefix": (
            f"{prefix}.{hashlib.sha256(keys.good.encode()).hexdigest()}"
        ),
        "revoked": keys.revoked,
        "expired": keys.expired,
        "anything": "%.%%%%%%%%%%%%%%%",
        "a statement": "a.b' OR '1'='1' -- hunter2-injection",
        "null": "null",
        "empty": "",
        "blank": "   ",
        "too long": f"{prefix}.{'x' * 9_000}",
        "of other letters": f"{prefix}.\xfc\xe4\xf6hunter2-umlauts",
    }


def misplaced(keys: Keys) -> Mapping[str, Attempt]:
    """Send what holds in a place where it does not."""
    token, key = to_good_token(keys), keys.good
    basic = base64.b64encode(f"{key}:".encode()).decode()
    places: Mapping[str, tuple[str, Pair]] = {
        "a key as a bearer": (key, ("authorization", f"Bearer {key}")),
        "a key as x-jwt-token": (key, ("x-jwt-token", key)),
        "a key as a cookie": (key, ("cookie", f"jwt={key}")),
        "a key without a scheme": (key, ("authorization", key)),
        "a key as a scheme": (key, ("authorization", f"{key} ApiKey")),
        "a key by Basic": (basic, ("authorization", f"Basic {basic}")),
        "a key by Digest": (key, ("authorization", f"Digest {key}")),
        "a key in another header": (key, ("api-key", key)),
        "a key for a proxy": (key, ("proxy-authorization", f"ApiKey {key}")),
        "a key as another cookie": (key, ("cookie", f"x-api-key={key}")),
        "a token as a key": (token, ("x-api-key", token)),
        "a token by ApiKey": (token, ("authorization", f"ApiKey {token}")),
        "a token by Token": (token, ("authorization", f"Token {token}")),
        "a token without a scheme": (token, ("authorization", token)),
        "a token by Bearer twice": (token, ("authorization", f"Bearer Bearer {token}")),
        "a token as another cookie": (token, ("cookie", f"JWT={token}")),
        "a token with a comma": (token, ("authorization", f"Bearer,{token}")),
        "a scheme alone": ("", ("authorization", "Bearer")),
    }
    by_url = {"a key": f"x-api-key={key}", "a token": f"access_token={token}"}
    return {
        **{
            f"misplaced: {name}": Attempt(headers=[pair], secrets=to_secrets(text))
            for name, (text, pair) in places.items()
        },
        **{
            f"misplaced: {name} in the URL": Attempt(
                query=query, secrets=to_secrets(query.partition("=")[2])
            )
            for name, query in by_url.items()
        },
    }


def doubled(keys: Keys) -> Mapping[str, Attempt]:
    """Send two credentials that hold: it is not clear whose request it is."""
    token, key = to_good_token(keys), keys.good
    secrets = [*to_secrets(token), *to_secrets(key)]
    by_bearer, by_header = ("authorization", f"Bearer {token}"), ("x-api-key", key)
    doubles: Mapping[str, Sequence[Pair]] = {
        "a key twice": [by_header, by_header],
        "a token twice": [by_bearer, by_bearer],
        "a key and a token": [by_header, by_bearer],
        "two headers of a token": [by_bearer, ("x-jwt-token", token)],
        "two headers of a key": [by_header, ("authorization", f"Token {key}")],
        "two cookies": [("cookie", f"jwt={token}; jwt={token}")],
        "a wrong one beside a cookie": [
            ("x-api-key", "wrong"),
            ("cookie", f"jwt={token}"),
        ],
    }
    return {
        f"double: {name}": Attempt(headers=pairs, secrets=secrets)
        for name, pairs in doubles.items()
    }


def foreign(keys: Keys) -> Mapping[str, Attempt]:
    """Have a browser send a cookie that holds from a page of another site."""
    token = to_good_token(keys)
    signs: Mapping[str, Sequence[Pair]] = {
        "another site": [("sec-fetch-site", "cross-site")],
        "a neighbour": [("sec-fetch-site", "same-site")],
        "another origin": [("origin", "https://evil.example.com")],
        "a sandbox": [("origin", "null")],
        "another site that asked before": [
            ("sec-fetch-site", "cross-site"),
            ("apollo-require-preflight", "1"),
        ],
    }
    return {
        f"foreign: {name}": Attempt(
            headers=[("cookie", f"jwt={token}"), *pairs], secrets=to_secrets(token)
        )
        for name, pairs in signs.items()
    }


def forge(header: object, claims: object, secret: bytes | None) -> str:
    """Sign whatever one likes, as no library would; None leaves the signature out."""
    signed = f"{encode(header)}.{encode(claims)}"
    if secret is None:
        return f"{signed}."
    return f"{signed}.{encode_bytes(hmac.digest(secret, signed.encode(), 'sha256'))}"


def encode(value: object) -> str:
    """Encode a part of a token."""
    return encode_bytes(json.dumps(value).encode())


def encode_bytes(part: bytes) -> str:
    """Encode the bytes of a part of a token."""
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
