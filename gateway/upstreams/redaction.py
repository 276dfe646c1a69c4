"""Answers without the credential they were asked with, should they repeat it."""

import json

from gateway.upstream_settings import Upstream
from gateway.upstreams.kinds import Kind

# What is shorter is no credential but a word, and stands in texts by chance.
LEAST_CHARS = 8


class Redaction:
    """Puts what may be shown in place of a credential, before anything is read."""

    def __init__(self, upstream: Upstream, kind: Kind) -> None:
        secret = upstream.credential.get_secret_value()
        self.shown = kind.to_public(secret).encode()
        # As JSON may have it; some writers put a backslash before each slash.
        spellings = {secret, json.dumps(secret)[1:-1]}
        spellings |= {each.replace("/", "\\/") for each in spellings}
        is_long = len(secret) >= LEAST_CHARS
        self.spellings = sorted(map(str.encode, spellings)) if is_long else []

    def clean(self, body: bytes) -> bytes:
        """Take the credential out of an answer."""
        for spelling in self.spellings:
            body = body.replace(spelling, self.shown)
        return body
