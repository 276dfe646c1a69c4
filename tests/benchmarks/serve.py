"""A contestant on a port: `python -m tests.benchmarks.serve APP DATABASE PORT`.

It imports nothing of the other contestants, for the sake of its start and its memory.
"""

import sys

import uvicorn
from uvicorn.importer import import_from_string


def serve(app: str, url: str, port: int) -> None:
    """Serve, with what the gateway sets for itself.

    Args:
        app: `module:function`; the function makes the application of a database.
        url: The database.
        port: Where to listen.
    """
    uvicorn.run(
        import_from_string(app)(url),
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=75,
    )


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], int(sys.argv[3]))
