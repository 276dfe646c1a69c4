"""The routes of sharedcloud, and how it refuses."""

from dataclasses import replace
from http import HTTPStatus

from gateway.errors import GatewayError, MissingCredentialError
from gateway.web.reply import Reply, to_error_reply, to_json
from gateway.web.rest.routes import Dialect, RestRoute
from gateway.web.rest.sharedcloud import schemas
from gateway.web.rest.sharedcloud.answers import JOB, answer_job, answer_jobs

CHALLENGE = ((b"www-authenticate", b"Token"),)


def refuse(error: GatewayError) -> Reply:
    """Write an error, in the words of Django REST framework where it has some."""
    reply = to_error_reply(error)
    if reply.status == HTTPStatus.UNAUTHORIZED:
        reply = replace(reply, headers=CHALLENGE)
    return replace(reply, body=to_json({"detail": to_detail(error)}))


def to_detail(error: GatewayError) -> str:
    """Say what is wrong."""
    if isinstance(error, MissingCredentialError):
        return "Authentication credentials were not provided."
    words = {
        HTTPStatus.UNAUTHORIZED: "Invalid token.",
        HTTPStatus.NOT_FOUND: "Not found.",
    }
    return words.get(HTTPStatus(error.status), error.message)


SHAREDCLOUD = Dialect(
    name="sharedcloud",
    prefix="/api/v1",
    refuse=refuse,
    error=schemas.ERROR,
    schemas=schemas.SCHEMAS,
    routes=tuple(
        route
        for slash, suffix in (("", ""), ("/", "WithSlash"))
        for route in (
            RestRoute(
                path=f"/api/v1/jobs{slash}",
                name=f"listJobs{suffix}",
                summary="All jobs, the newest first.",
                answer=answer_jobs,
                body=schemas.JOBS,
            ),
            RestRoute(
                path=f"/api/v1/jobs/{{uuid}}{slash}",
                name=f"retrieveJob{suffix}",
                summary="One job.",
                answer=answer_job,
                places=(JOB,),
                body=schemas.JOB,
            ),
        )
    ),
)
