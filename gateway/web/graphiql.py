"""Renders the GraphiQL page, and serves its files.

`hatch_build.py` builds the page from the npm project in `explorer/`. Without a build,
another page says how to make one.
"""

import json
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from os import PathLike, stat_result
from pathlib import Path

from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from typing_extensions import override

EXPLORER = Path(__file__).parent / "explorer"
BUILD = EXPLORER / "dist"
PLACEHOLDER = "{{graphiql-defaults}}"

# Monaco, the editor, needs inline styles; no script is inline.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self';"
    " style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "Cache-Control": "no-store",  # the demo's page holds credentials
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
ASSET_HEADERS = {
    # A worker has the policy of its own file, not the page's.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "Cache-Control": "public, max-age=31536000, immutable",  # names carry a hash
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphiqlAccount:
    """An account whose credentials the page offers; only the demo has any."""

    name: str
    api_key: str
    jwt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphiqlDefaults:
    """The page's initial values; the identifiers go into example queries."""

    accounts: tuple[GraphiqlAccount, ...] = ()
    job_identifier: str | None = None
    model_identifier: str | None = None
    login: bool = False


def render_graphiql(
    defaults: GraphiqlDefaults | None = None, *, folder: Path = BUILD
) -> str:
    """Render the built page with the defaults, or the one that says how to build it.

    Args:
        defaults: They are put into an attribute, so that no script is inline.
        folder: Where the build put `index.html` and `assets`.
    """
    index = folder / "index.html"
    if not index.is_file():
        return (EXPLORER / "not-built.html").read_text(encoding="utf-8")
    values = escape(encode_defaults(defaults or GraphiqlDefaults()))
    return index.read_text(encoding="utf-8").replace(PLACEHOLDER, values)


def to_page_response(page: str) -> Response:
    """Make the response for a page; its security policy forbids inline scripts."""
    return HTMLResponse(page, headers=PAGE_HEADERS)


def asset_routes(*, folder: Path = BUILD) -> list[Mount]:
    """Give the route of the built page's files; none without a build."""
    assets = folder / "assets"
    if not assets.is_dir():
        return []
    return [Mount("/graphql/assets", app=Assets(directory=assets), name="assets")]


class Assets(StaticFiles):
    """Files whose names change with their content, so that caches may keep them."""

    @override
    def file_response(
        self,
        full_path: str | PathLike[str],
        stat_result: stat_result,
        scope: Scope,
        status_code: int = HTTPStatus.OK,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(ASSET_HEADERS)
        return response


def encode_defaults(defaults: GraphiqlDefaults) -> str:
    """Encode the defaults as JSON, with the names of the page's TypeScript."""
    return json.dumps(
        {
            "accounts": [
                {"name": each.name, "apiKey": each.api_key, "jwt": each.jwt}
                for each in defaults.accounts
            ],
            "jobIdentifier": defaults.job_identifier,
            "modelIdentifier": defaults.model_identifier,
            "login": defaults.login,
        }
    )
