"""JSON Schemas of the responses of Edge Impulse's routes."""

from collections.abc import Mapping

from gateway.dialects.residue import JsonObject

INSTANT: JsonObject = {
    "type": ["string", "null"],
    "description": "ISO 8601, spelt as the document spelt it.",
}
TEXT: JsonObject = {"type": ["string", "null"]}
SUCCESS: JsonObject = {"type": "boolean", "const": True}

FAILURE: JsonObject = {"$ref": "#/components/schemas/EdgeImpulseFailure"}
JOBS: JsonObject = {
    "type": "object",
    "properties": {
        "success": SUCCESS,
        "jobs": {
            "type": "array",
            "items": {"$ref": "#/components/schemas/EdgeImpulseJob"},
        },
        "totalJobCount": {
            "type": "integer",
            "description": "Jobs in all, on whatever page.",
        },
    },
    "required": ["success", "jobs", "totalJobCount"],
}
JOB: JsonObject = {
    "type": "object",
    "properties": {
        "success": SUCCESS,
        "job": {"$ref": "#/components/schemas/EdgeImpulseJob"},
    },
    "required": ["success", "job"],
}
SUMMARY: JsonObject = {
    "type": "object",
    "properties": {
        "success": SUCCESS,
        "summary": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "category": {
                        "type": "string",
                        "description": "Empty for jobs that have none.",
                    },
                    "lengthMs": {
                        "type": "integer",
                        "format": "int64",
                        "description": "Time that jobs ran inside the window, in ms.",
                    },
                },
                "required": ["category", "lengthMs"],
            },
        },
    },
    "required": ["success", "summary"],
}
LINES: JsonObject = {
    "type": "object",
    "properties": {
        "success": SUCCESS,
        "stdout": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "created": INSTANT,
                    "data": TEXT,
                    "logLevel": TEXT,
                },
            },
        },
        "totalCount": {
            "type": "integer",
            "description": "Lines of the level in all.",
        },
    },
    "required": ["success", "stdout", "totalCount"],
}
SCHEMAS: Mapping[str, JsonObject] = {
    "EdgeImpulseJob": {
        "type": "object",
        "description": "A job as its document told it; what has not happened is"
        " absent. There may be more members.",
        "properties": {
            "id": {"type": ["integer", "string"]},
            "category": TEXT,
            "categoryKey": TEXT,
            "key": TEXT,
            "created": INSTANT,
            "started": INSTANT,
            "finished": INSTANT,
            "finishedSuccessful": {"type": ["boolean", "null"]},
            "computeTime": {
                "type": ["number", "null"],
                "description": "Seconds from start to end.",
            },
            "createdByUser": {
                "type": ["object", "null"],
                "description": "`name` and more need the scope `profile`.",
            },
        },
        "required": ["id", "created"],
    },
    "EdgeImpulseFailure": {
        "type": "object",
        "description": "What went wrong.",
        "properties": {
            "success": {"type": "boolean", "const": False},
            "error": {"type": "string"},
        },
        "required": ["success", "error"],
    },
}
