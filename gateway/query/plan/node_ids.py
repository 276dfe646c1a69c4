"""Records to global identifiers and back.

An identifier is a fixed tag and the parts that identify a record in its source, so that
it survives the renaming of a type and the rebuilding of a database.
"""

from base64 import urlsafe_b64decode
from binascii import Error as Base64Error, b2a_base64
from dataclasses import dataclass

import orjson

from gateway.errors import InputError

TAGS = {"j": "Job", "m": "Model", "u": "User"}
MAX_ID_LENGTH = 2_048
# Base 64 in the alphabet of URLs; a page has many, and `base64` would check each anew.
URL_SAFE = bytes.maketrans(b"+/", b"-_")


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeId:
    """A global identifier, read.

    Attributes:
        parts: Job: source, jobIdentifier. Model: identifier, version. User: source,
            identifier.
    """

    type_name: str
    parts: tuple[str | None, ...]


def to_job_id(source: str, job_identifier: str) -> str:
    """Make the global identifier of a job."""
    return encode("j", source, job_identifier)


def to_model_id(identifier: str, version: str | None) -> str:
    """Make the global identifier of a model."""
    return encode("m", identifier, version)


def to_user_id(source: str, identifier: str) -> str:
    """Make the global identifier of a user."""
    return encode("u", source, identifier)


def encode(*parts: str | None) -> str:
    """Encode a tag and the parts behind it."""
    encoded = b2a_base64(orjson.dumps(parts), newline=False)
    return encoded.translate(URL_SAFE, b"=").decode()


def read_node_id(text: str) -> NodeId:
    """Read a global identifier.

    Raises:
        InputError: It is none that the gateway makes.
    """
    found = decode(text) if len(text) <= MAX_ID_LENGTH else None
    if found is None:
        raise InputError(
            f"{text[:40]!r} is no id of this gateway; give an id as it was returned"
        )
    return found


def decode(text: str) -> NodeId | None:
    """Decode a global identifier; None where it is not one."""
    try:
        content = orjson.loads(urlsafe_b64decode(f"{text}{'=' * (-len(text) % 4)}"))
    except (Base64Error, ValueError):
        return None
    match content:
        case [str(tag), str(first), str() | None as second] if tag in TAGS:
            return NodeId(type_name=TAGS[tag], parts=(first, second))
        case _:
            return None
