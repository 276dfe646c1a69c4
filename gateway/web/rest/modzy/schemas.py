"""JSON Schemas of the responses of Modzy's routes."""

from collections.abc import Mapping

from gateway.dialects.residue import JsonObject

TEXT: JsonObject = {"type": ["string", "null"]}
INSTANT: JsonObject = {
    "type": ["string", "null"],
    "description": "ISO 8601, spelt as the document spelt it.",
}
COUNT: JsonObject = {"type": ["number", "null"]}
MS: JsonObject = {"type": ["number", "null"], "description": "Milliseconds."}
FLAG: JsonObject = {"type": ["boolean", "null"]}

ERROR: JsonObject = {"$ref": "#/components/schemas/ModzyError"}
JOB: JsonObject = {"$ref": "#/components/schemas/ModzyJob"}
JOBS: JsonObject = {"type": "array", "items": JOB}
MODELS: JsonObject = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "modelId": {"type": "string"},
            "latestVersion": TEXT,
            "versions": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["modelId", "latestVersion", "versions"],
    },
}
REQUIREMENTS: JsonObject = {
    "type": "array",
    "maxItems": 0,
    "description": "Always empty: the gateway runs no models.",
}
SCHEMAS: Mapping[str, JsonObject] = {
    "ModzyJob": {
        "type": "object",
        "description": "A job as its document told it. There may be more members.",
        "properties": {
            "jobIdentifier": {"type": "string"},
            "submittedBy": {
                "type": ["string", "null"],
                "description": "Public prefix of the key that submitted it.",
            },
            "accountIdentifier": TEXT,
            "model": {"type": ["object", "null"]},
            "status": {},
            "createdAt": INSTANT,
            "updatedAt": INSTANT,
            "submittedAt": INSTANT,
            "total": COUNT,
            "pending": COUNT,
            "completed": COUNT,
            "failed": COUNT,
            "elapsedTime": MS,
            "queueTime": MS,
            "timeout": MS,
            "user": {
                "type": ["object", "null"],
                "description": "`email` needs the scope `email`; names and more need"
                " `profile`.",
            },
            "jobInputs": {"type": ["array", "object", "null"]},
            "explain": FLAG,
            "imageClassificationModel": FLAG,
            "inputByteAmount": COUNT,
        },
        "required": ["jobIdentifier"],
    },
    "ModzyError": {
        "type": "object",
        "description": "What went wrong.",
        "properties": {
            "statusCode": {"type": "integer"},
            "status": {"type": "string"},
            "message": {"type": "string"},
            "reportErrorUrl": {"type": "string"},
        },
        "required": ["statusCode", "status", "message", "reportErrorUrl"],
    },
}
