"""Jobs of the source systems, fetched over HTTP: one loop for all of them."""
