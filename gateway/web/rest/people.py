"""Documents to what of a person in them a caller may know."""

from collections.abc import Collection

from gateway.auth.principal import Principal
from gateway.dialects.residue import JsonObject


def without_person(
    document: JsonObject, key: str, public: Collection[str], principal: Principal
) -> JsonObject:
    """Leave out what the scopes `profile` and `email` guard.

    Args:
        document: Of a job.
        key: Where the document tells of a person.
        public: What anybody may know who may see the job. The address is guarded by
            `email`, and all else by `profile`, whatever a source may call it.
        principal: Who asks.
    """
    person = document.get(key)
    if not isinstance(person, dict):
        return document
    kept: JsonObject = {
        name: value
        for name, value in person.items()
        if name in public or principal.has("email" if name == "email" else "profile")
    }
    return {**document, key: kept}
