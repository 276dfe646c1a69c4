"""Build hook: GraphiQL into the package, where Node is there."""

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class GraphiqlBuildHook(BuildHookInterface):
    """Runs the npm build of `gateway/web/explorer`."""
