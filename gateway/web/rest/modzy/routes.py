"""Modzy's routes and errors: https://docs.modzy.com/reference."""

from dataclasses import replace
from http import HTTPStatus

from gateway.errors import GatewayError
from gateway.web.reply import Reply, to_error_reply, to_json
from gateway.web.rest.modzy import answers, parameters as given, schemas
from gateway.web.rest.routes import Dialect, RestRoute


def encode_error(error: GatewayError) -> Reply:
    """Encode an error as Modzy does."""
    reply = to_error_reply(error)
    body = {
        "statusCode": reply.status,
        "status": HTTPStatus(reply.status).name,
        "message": error.message,
        "reportErrorUrl": "",
    }
    return replace(reply, body=to_json(body))


MODZY = Dialect(
    name="Modzy",
    prefix="/api",
    encode_error=encode_error,
    error=schemas.ERROR,
    schemas=schemas.SCHEMAS,
    routes=(
        RestRoute(
            path="/api/jobs/history",
            name="getJobHistory",
            summary="Jobs, by pages.",
            answer=answers.answer_history,
            parameters=given.HISTORY,
            body=schemas.JOBS,
            headers={"Link": "The pages around this one: first, prev, next, last."},
        ),
        RestRoute(
            path="/api/jobs/{jobIdentifier}",
            name="getJob",
            summary="One job.",
            answer=answers.answer_job,
            places=(given.JOB,),
            body=schemas.JOB,
        ),
        RestRoute(
            path="/api/models",
            name="getModels",
            summary="Models that jobs name, with their versions.",
            answer=answers.answer_models,
            body=schemas.MODELS,
        ),
        RestRoute(
            path="/api/models/requirements/account",
            name="getModelRequirements",
            summary="Hardware that models may be run on: none.",
            answer=answers.answer_requirements,
            body=schemas.REQUIREMENTS,
        ),
    ),
)
