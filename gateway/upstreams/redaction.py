"""Removes the credential from answers that repeat it."""

import json

from gateway.upstream_settings import ConfiguredUpstream
from gateway.upstreams.kinds import Kind

# Anything shorter may be a word that occurs in texts by chance.
MIN_CHARS = 8


class Redaction:
    """Replaces a credential in raw answers with what may be shown of it."""

    def __init__(self, upstream: ConfiguredUpstream, kind: Kind) -> None:
        secret = upstream.credential.get_secret_value()
        self.shown = kind.to_public(secret).encode()
        # As JSON may have it; some writers put a backslash before each slash.
        spellings = {secret, json.dumps(secret)[1:-1]}
        spellings |= {each.replace("/", "\\/") for each in spellings}
        is_long = len(secret) >= MIN_CHARS
        self.spellings = sorted(map(str.encode, spellings)) if is_long else []

    def clean(self, body: bytes) -> bytes:
        """Replace the credential in an answer."""
        for spelling in self.spellings:
            body = body.replace(spelling, self.shown)
        return body
