"""Wire formats of the source systems: documents to records and back.

The parts of a job have the same functions in each dialect: `decode_user` reads a user,
`encode_user` writes one.
"""
