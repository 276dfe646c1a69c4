"""The connections of a process, of which there is a most."""

import resource
from collections.abc import MutableMapping

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from gateway.settings import Settings

# For files, the listener, upstreams, and whatever else a process has open.
OTHER_DESCRIPTORS = 64


class Connections(ServerState):
    """What uvicorn keeps of the connections of a process, and their bounds.

    Attributes:
        idle: Those without a request that is being answered, the longest idle first.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.max_connections = to_max_connections(settings)
        self.idle: MutableMapping[HttpToolsProtocol, None] = {}

    def make_room(self) -> bool:
        """Close the longest idle connection where there is one too many.

        Returns:
            Whether there is room; if not, requests on all others are being answered.
        """
        if len(self.connections) <= self.max_connections:
            return True
        for oldest in self.idle:
            oldest.transport.abort()
            # The loop tells of the end later, and may accept others before.
            self.forget(oldest)
            return True
        return False

    def forget(self, connection: HttpToolsProtocol) -> None:
        """Count a connection no more."""
        self.idle.pop(connection, None)
        self.connections.discard(connection)


def to_max_connections(settings: Settings) -> int:
    """Give how many connections a process may have, as its descriptors allow."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return settings.max_connections
    left = descriptors - settings.database_pool_size - OTHER_DESCRIPTORS
    return max(1, min(settings.max_connections, left))
