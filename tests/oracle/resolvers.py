"""The root fields of queries to their values: ordinary resolvers, in plain Python."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from gateway.errors import ErrorCode, InputError
from gateway.query.plan.node_ids import decode_node_id
from tests.oracle.filters import value_of
from tests.oracle.objects import Object, Plain
from tests.oracle.pages import RefusedError, to_connection
from tests.oracle.summaries import summarise


def to_root(plain: Plain) -> Object:
    """Give the root value of a query."""
    return {
        "viewer": to_viewer(plain),
        "sources": [],
        "node": lambda _, id: find_nodes(plain, [id])[0],
        "nodes": lambda _, ids: find_nodes(plain, ids),
        "job": partial(find_job, plain),
        "model": partial(find_model, plain),
        "user": partial(find_user, plain),
        "jobs": partial(plain.list_jobs, plain.jobs()),
        "models": lambda _, **given: to_connection(plain.model_list(), given),
        "users": lambda _, **given: to_connection(plain.user_list(), given),
        "usageSummary": partial(summarise, plain),
    }


def to_viewer(plain: Plain) -> Object:
    """Say who is asking."""
    principal = plain.principal
    return {
        "accountIdentifier": principal.account,
        "projectId": principal.project_id,
        "credential": principal.kind.value,
        "subject": principal.subject,
        "keyPrefix": principal.key_prefix,
        "scopes": sorted(principal.scopes),
        "serverTime": plain.now,
    }


def every_object(plain: Plain) -> Mapping[str, Object]:
    """Give all objects that have a global identifier, by it."""
    listed = [
        *map(plain.to_job, plain.jobs()),
        *map(plain.to_model, plain.models(plain.jobs())),
        *(plain.to_user(*found) for found in plain.users(plain.jobs())),
    ]
    return {found["id"]: found for found in listed}


def find_nodes(plain: Plain, ids: Sequence[str]) -> Sequence[Object | None]:
    """Look objects up by their global identifiers."""
    for id in ids:
        try:
            decode_node_id(id)
        except InputError as exc:
            raise RefusedError(exc.code) from exc
    known = every_object(plain)
    return [known.get(id) for id in ids]


def find_job(plain: Plain, _: object, **given: str | None) -> Object | None:
    """Look up a job."""
    return only(
        plain.to_job(stored)
        for stored in plain.jobs()
        if stored.record.job_identifier == given["jobIdentifier"]
        and given.get("source") in {None, value_of(stored, "source")}
    )


def find_model(plain: Plain, _: object, **given: str | None) -> Object | None:
    """Look up a model; an empty version is none."""
    return only(
        plain.to_model(model)
        for model in plain.models(plain.jobs())
        if model.identifier == given["identifier"]
        and (given.get("version") or model.version) == model.version
    )


def find_user(plain: Plain, _: object, **given: str | None) -> Object | None:
    """Look up a user."""
    return only(
        plain.to_user(source, user)
        for source, user in plain.users(plain.jobs())
        if user.identifier == given["identifier"]
        and given.get("source") in {None, source}
    )


def only(found: Iterable[Object]) -> Object | None:
    """Give the one object found, if any."""
    objects = list(found)
    if len(objects) > 1:
        raise RefusedError(ErrorCode.BAD_USER_INPUT)
    return objects[0] if objects else None
