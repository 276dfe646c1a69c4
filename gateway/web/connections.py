"""The connections of a process, and their bounds."""

from uvicorn.server import ServerState

from gateway.settings import Settings


class Connections(ServerState):
    """What uvicorn keeps of the connections of a process, and the settings for them."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
