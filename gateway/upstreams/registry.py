"""Names of kinds to the kinds."""

from collections.abc import Mapping
from types import MappingProxyType

from gateway.upstreams.edge_impulse import EDGE_IMPULSE
from gateway.upstreams.kinds import Kind
from gateway.upstreams.modzy import MODZY
from gateway.upstreams.sharedcloud import SHAREDCLOUD

KINDS: Mapping[str, Kind] = MappingProxyType(
    {kind.name: kind for kind in (EDGE_IMPULSE, MODZY, SHAREDCLOUD)}
)
