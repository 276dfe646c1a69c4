"""Answer lines of JSON with what edgeimpulse-api holds after the call each names."""

import json
import sys
from datetime import datetime
from typing import Any

from edgeimpulse_api import ApiClient, Configuration, JobsApi

Json = dict[str, Any]


def main() -> None:
    """Make the calls of standard input."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line)), default=to_json) + "\n")
        sys.stdout.flush()


def answer(request: Json) -> Json:
    """Make one call with a client of its own."""
    configuration = Configuration(host=f"{request['address']}/v1", retries=False)
    for name, value in request["credential"].items():
        # Its own initialiser forgets an access token.
        setattr(configuration, name, value)
    client = ApiClient(configuration)
    try:
        response = getattr(JobsApi(client), request["call"])(**request["arguments"])
        # The SDK itself does not look whether a body has its models' types.
        checked = type(response).parse_raw(client.last_response.data)
    except Exception as exc:  # noqa: BLE001 -- told to the test, whatever it is
        return {"error": {"class": type(exc).__name__, "text": str(exc)}}
    return {"value": response.to_dict(), "checked": checked.dict(by_alias=True)}


def to_json(value: object) -> object:
    """Mark instants, so that they are not taken for texts."""
    if not isinstance(value, datetime):
        raise TypeError(type(value).__name__)
    return {"instant": value.isoformat()}


if __name__ == "__main__":
    main()
