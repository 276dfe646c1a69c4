"""The API's answer about usage to CSV, with the same columns whatever is asked."""

import csv
import io
from typing import Any

# Paths of the columns that are not top-level fields of a group.
PATHS = {
    "modelIdentifier": ("model", "identifier"),
    "modelVersion": ("model", "version"),
    "modelName": ("model", "name"),
    "userIdentifier": ("user", "identifier"),
    "userSource": ("user", "source"),
    "userExternalIdentifier": ("user", "externalIdentifier"),
}
FIELDS = (
    *("bucketStart", "bucketEnd", "category", *PATHS),
    *("status", "source", "projectId", "submittedBy"),
    *("lengthMs", "runningMs", "jobCount"),
)
# Without `asOf`, so that the same window gives the same file.
WINDOW = ("startDate", "endDate")
COLUMNS = (*WINDOW, *FIELDS, "cost", "currency")
# Between costs in several currencies, which most rows do not have.
SEPARATOR = ";"


def to_csv(summary: dict[str, Any]) -> str:
    """Write the groups of a `UsageSummary`, one a line, each with its window."""
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    window = {name: summary[name] for name in WINDOW}
    for group in summary["summary"]:
        writer.writerow(window | to_cells(group))
    return file.getvalue()


def to_cells(group: dict[str, Any]) -> dict[str, object]:
    """Return the cells of a group; None is an empty one."""
    cells = {name: follow(group, PATHS.get(name, (name,))) for name in FIELDS}
    cost = group["cost"]
    return cells | {
        "cost": SEPARATOR.join(money["amount"] for money in cost),
        "currency": SEPARATOR.join(money["currency"] for money in cost),
    }


def follow(group: dict[str, Any], path: tuple[str, ...]) -> object:
    """Look up a value by a path of keys; None if one is missing."""
    found: Any = group
    for name in path:
        found = found.get(name) if found else None
    return found
