"""What a dialect has to know that its documents do not say."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeContext:
    """What was given where the documents came in.

    Attributes:
        project_id: The project the jobs belong to; None is no project.
        time_zone: The zone of sharedcloud's instants, which carry none.
    """

    project_id: int | None
    time_zone: ZoneInfo
