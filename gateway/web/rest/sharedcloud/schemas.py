"""JSON Schemas of the responses of sharedcloud's routes."""

from collections.abc import Mapping

from gateway.dialects.residue import JsonObject

TEXT: JsonObject = {"type": ["string", "null"]}
INSTANT: JsonObject = {
    "type": ["string", "null"],
    "description": "Local time as DD-MM-YYYY HH:MM:SS.",
}

ERROR: JsonObject = {"$ref": "#/components/schemas/SharedcloudError"}
JOB: JsonObject = {"$ref": "#/components/schemas/SharedcloudJob"}
JOBS: JsonObject = {"type": "array", "items": JOB}
SCHEMAS: Mapping[str, JsonObject] = {
    "SharedcloudJob": {
        "type": "object",
        "description": "A job as its document told it. There may be more members.",
        "properties": {
            "uuid": {"type": "string"},
            "function_name": TEXT,
            "status": {
                "description": "1 created, 2 in progress, 3 succeeded, 4 failed,"
                " 5 timed out."
            },
            "duration": {"type": ["number", "null"], "description": "Seconds."},
            "cost": {"type": ["number", "null"], "description": "US dollars."},
            "created_at": INSTANT,
            "assigned_at": INSTANT,
            "started_at": INSTANT,
            "finished_at": INSTANT,
            "current_server_time": {
                "type": "string",
                "description": "The gateway's clock when it answered.",
            },
            "run": TEXT,
            "incremental_id": {"type": ["number", "null"]},
            "arguments": TEXT,
            "result": TEXT,
            "instance": TEXT,
            "build_logs": TEXT,
            "stdout": TEXT,
            "stderr": TEXT,
        },
        "required": ["uuid", "current_server_time"],
    },
    "SharedcloudError": {
        "type": "object",
        "description": "What went wrong.",
        "properties": {"detail": {"type": "string"}},
        "required": ["detail"],
    },
}
