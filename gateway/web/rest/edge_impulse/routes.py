"""Edge Impulse's routes and errors.

https://docs.edgeimpulse.com/apis/studio
"""

from dataclasses import replace
from http import HTTPStatus

from gateway.errors import GatewayError
from gateway.web.reply import Reply, to_error_reply, to_json
from gateway.web.rest.edge_impulse import answers, lines, parameters as given, schemas
from gateway.web.rest.routes import Dialect, RestRoute

# Studio answers these errors with status 200.
ANSWERED_OK = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND})

JOBS = "/v1/api/{projectId}/jobs"
PART = (given.LIMIT, given.OFFSET, given.ROOT_ONLY)
DATES = (given.START, given.END)
OF_LINES = (given.LINES, given.LEVEL)
OF_PROJECT = (given.PROJECT,)
OF_JOB = (given.PROJECT, given.JOB)


def encode_error(error: GatewayError) -> Reply:
    """Encode an error as Studio does."""
    reply = to_error_reply(error)
    return replace(
        reply,
        status=HTTPStatus.OK if reply.status in ANSWERED_OK else reply.status,
        body=to_json({"success": False, "error": error.message}),
    )


EDGE_IMPULSE = Dialect(
    name="Edge Impulse",
    prefix="/v1",
    encode_error=encode_error,
    error=schemas.FAILURE,
    schemas=schemas.SCHEMAS,
    routes=(
        RestRoute(
            path=JOBS,
            name="listActiveJobs",
            summary="Jobs of a project that have not ended, the newest first.",
            answer=answers.answer_active,
            places=OF_PROJECT,
            parameters=PART,
            body=schemas.JOBS,
        ),
        RestRoute(
            path=f"{JOBS}/history",
            name="listFinishedJobs",
            summary="Jobs of a project that have ended, the newest first.",
            answer=answers.answer_history,
            places=OF_PROJECT,
            parameters=(*DATES, *PART),
            body=schemas.JOBS,
        ),
        RestRoute(
            path=f"{JOBS}/all",
            name="listAllJobs",
            summary="Jobs of a project, the newest first.",
            answer=answers.answer_all,
            places=OF_PROJECT,
            parameters=(*DATES, *PART, given.KEY, given.CATEGORY, given.FINISH),
            body=schemas.JOBS,
        ),
        RestRoute(
            path=f"{JOBS}/summary",
            name="getJobsSummary",
            summary="Time that jobs of a project ran inside a window, by category.",
            answer=answers.answer_summary,
            scope="usage:read",
            places=OF_PROJECT,
            parameters=(given.SUMMARY_START, given.SUMMARY_END),
            body=schemas.SUMMARY,
        ),
        RestRoute(
            path=f"{JOBS}/{{jobId}}/status",
            name="getJobStatus",
            summary="One job.",
            answer=answers.answer_status,
            places=OF_JOB,
            body=schemas.JOB,
        ),
        RestRoute(
            path=f"{JOBS}/{{jobId}}/stdout",
            name="getJobsLogs",
            summary="Lines that a job printed.",
            answer=lines.answer_lines,
            places=OF_JOB,
            parameters=OF_LINES,
            body=schemas.LINES,
        ),
        RestRoute(
            path=f"{JOBS}/{{jobId}}/stdout/download",
            name="downloadJobsLogs",
            summary="Lines that a job printed, as plain text.",
            answer=lines.answer_download,
            places=OF_JOB,
            parameters=OF_LINES,
            body=None,
        ),
    ),
)
