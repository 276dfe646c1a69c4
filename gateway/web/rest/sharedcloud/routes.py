"""sharedcloud's routes and errors."""

from dataclasses import replace
from http import HTTPStatus

from gateway.errors import GatewayError, MissingCredentialError
from gateway.web.reply import Reply, to_error_reply, to_json
from gateway.web.rest.routes import Dialect, RestRoute
from gateway.web.rest.sharedcloud import schemas
from gateway.web.rest.sharedcloud.answers import JOB, answer_job, answer_jobs

CHALLENGE = ((b"www-authenticate", b"Token"),)


def encode_error(error: GatewayError) -> Reply:
    """Encode an error as sharedcloud does, in the style of Django REST framework."""
    reply = to_error_reply(error)
    if reply.status == HTTPStatus.UNAUTHORIZED:
        reply = replace(reply, headers=CHALLENGE)
    return replace(reply, body=to_json({"detail": to_detail(error)}))


def to_detail(error: GatewayError) -> str:
    """Give the message: the framework's own where it has one."""
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
    encode_error=encode_error,
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
