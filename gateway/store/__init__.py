"""Tables, engine, migrations and writes: where jobs are stored."""
