"""Find a job and a model for the example queries of GraphiQL."""

from gateway.auth.principal import CredentialKind, Principal
from gateway.query.document.request import GraphqlRequest
from gateway.schema.operations import Operations
from gateway.settings import Settings
from gateway.store.database import Database
from gateway.web.graphiql import GraphiqlDefaults

# A job that ended and has logs, and a model whose jobs went wrong.
QUERY = """{
  logs: jobs(first: 1, filter: {source: [SHAREDCLOUD], statusGroup: TERMINATED}) {
    nodes { jobIdentifier }
  }
  wrong: jobs(
    first: 1, filter: {source: [MODZY, SHAREDCLOUD], status: [FAILED, TIMEDOUT]}
  ) {
    nodes { model { identifier } }
  }
}"""


async def read_examples(
    database: Database, settings: Settings, account: str
) -> GraphiqlDefaults:
    """Query an account for both; None where there is none."""
    principal = Principal(
        account=account,
        subject="demo",
        kind=CredentialKind.JWT,
        scopes=frozenset({"jobs:read"}),
    )
    operations = Operations(settings, database)
    answer = await operations.execute(GraphqlRequest(query=QUERY), principal)
    data = answer.payload.get("data")
    if data is None:
        # The limits in the settings are too tight for this query, and for the examples.
        return GraphiqlDefaults()
    logs, wrong = data["logs"]["nodes"], data["wrong"]["nodes"]
    return GraphiqlDefaults(
        job_identifier=logs[0]["jobIdentifier"] if logs else None,
        model_identifier=wrong[0]["model"]["identifier"] if wrong else None,
    )
