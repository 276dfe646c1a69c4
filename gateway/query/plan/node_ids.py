"""Natural keys to global identifiers and back.

An identifier is a fixed tag and the natural key of a record, so that it survives the
renaming of a type and the rebuilding of a database.
"""

from base64 import urlsafe_b64decode
from binascii import Error as Base64Error, b2a_base64
from dataclasses import dataclass

import orjson

from gateway.errors import InputError

TAGS = {"j": "Job", "m": "Model", "u": "User"}
MAX_ID_LENGTH = 2_048
# The URL-safe alphabet of Base64. A page encodes many identifiers, and
# `urlsafe_b64encode` takes longer.
URL_SAFE = bytes.maketrans(b"+/", b"-_")


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeId:
    """A decoded global identifier.

    Attributes:
        parts: The natural key. Job: source, jobIdentifier. Model: identifier, version.
            User: source, identifier.
    """

    type_name: str
    parts: tuple[str | None, ...]


def to_job_id(source: str, job_identifier: str) -> str:
    """Make the global identifier of a job."""
    return encode_node_id("j", source, job_identifier)


def to_model_id(identifier: str, version: str | None) -> str:
    """Make the global identifier of a model."""
    return encode_node_id("m", identifier, version)


def to_user_id(source: str, identifier: str) -> str:
    """Make the global identifier of a user."""
    return encode_node_id("u", source, identifier)


def encode_node_id(*parts: str | None) -> str:
    """Encode a tag and a natural key."""
    encoded = b2a_base64(orjson.dumps(parts), newline=False)
    return encoded.translate(URL_SAFE, b"=").decode()


def decode_node_id(text: str) -> NodeId:
    """Decode a global identifier.

    Raises:
        InputError: The gateway makes no such identifier.
    """
    found = parse_node_id(text) if len(text) <= MAX_ID_LENGTH else None
    if found is None:
        raise InputError(
            f"{text[:40]!r} is no id of this gateway; give an id as it was returned"
        )
    return found


def parse_node_id(text: str) -> NodeId | None:
    """Parse a global identifier; None where it is not one."""
    try:
        content = orjson.loads(urlsafe_b64decode(f"{text}{'=' * (-len(text) % 4)}"))
    except (Base64Error, ValueError):
        return None
    match content:
        case [str(tag), str(first), str() | None as second] if tag in TAGS:
            return NodeId(type_name=TAGS[tag], parts=(first, second))
        case _:
            return None
