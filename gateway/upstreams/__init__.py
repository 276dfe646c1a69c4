"""Jobs of the source systems, fetched over HTTP by one loop for all kinds."""
