"""The REST APIs of the three source systems, for clients that know these already.

Each system has a package with the same modules: `parameters`, `schemas` (for OpenAPI),
`answers`, and `routes` with its `Dialect`. Functions of the same name do the same for
each: `answer_...` answers a route, `encode_for` encodes a job for its caller, and
`encode_error` an error.
"""
