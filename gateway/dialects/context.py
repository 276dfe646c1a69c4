"""What decoding needs beside the documents."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeContext:
    """What the importer or request says of the documents it brings.

    Attributes:
        project_id: The project the jobs belong to; None is no project.
        time_zone: The zone of sharedcloud's local times.
    """

    project_id: int | None
    time_zone: ZoneInfo
