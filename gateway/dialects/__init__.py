"""Wire formats of the source systems: documents to records and back."""
