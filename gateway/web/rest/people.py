"""Removes personal data that the caller has no scope for."""

from collections.abc import Collection

from gateway.auth.principal import Principal
from gateway.dialects.residue import JsonObject


def without_person(
    document: JsonObject, key: str, public: Collection[str], principal: Principal
) -> JsonObject:
    """Remove the members of a person that the scopes `profile` and `email` guard.

    Args:
        document: A job's.
        key: The member that is a person.
        public: The person's members that need no scope. `email` needs the scope of this
            name, and any other member needs `profile`.
        principal: The caller.
    """
    person = document.get(key)
    if not isinstance(person, dict):
        return document
    visible: JsonObject = {
        name: value
        for name, value in person.items()
        if name in public or principal.has("email" if name == "email" else "profile")
    }
    return {**document, key: visible}
