"""Answer lines of JSON with what modzy-sdk holds after the call each names."""

import json
import sys
from datetime import datetime
from operator import attrgetter
from typing import Any

from modzy import ApiClient

Json = dict[str, Any]


def main() -> None:
    """Make the calls of standard input."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


def answer(request: Json) -> Json:
    """Make one call with a client of its own."""
    arguments = {
        name: to_argument(name, value) for name, value in request["arguments"].items()
    }
    try:
        client = ApiClient(base_url=request["address"], api_key=request["key"])
        # A key that is no longer good.
        client.api_key = request.get("later_key", request["key"])
        value = attrgetter(request["call"])(client)(**arguments)
    except Exception as exc:  # noqa: BLE001 -- told to the test, whatever it is
        return {"error": {"class": type(exc).__name__, "text": str(exc)}}
    return {"value": value, "types": to_types(value)}


def to_argument(name: str, value: object) -> object:
    """Give dates as the instants the SDK writes itself."""
    if name.endswith("_date") and isinstance(value, str):
        return datetime.fromisoformat(value)
    return value


def to_types(value: object) -> object:
    """Name the SDK's own types."""
    if isinstance(value, list):
        return sorted({type(each).__name__ for each in value})
    return type(value).__name__


if __name__ == "__main__":
    main()
