"""Upstream kinds by name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from gateway.upstream_settings import UpstreamSettings
from gateway.upstreams.edge_impulse import EdgeImpulse
from gateway.upstreams.kinds import Kind
from gateway.upstreams.modzy import Modzy
from gateway.upstreams.sharedcloud import Sharedcloud

KINDS: Mapping[str, Callable[[UpstreamSettings], Kind]] = MappingProxyType(
    {kind.name: kind for kind in (EdgeImpulse, Modzy, Sharedcloud)}
)
