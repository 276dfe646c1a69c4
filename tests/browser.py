"""Headless Chromium for tests, and what a page did while it was open."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

import pytest
from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    async_playwright,
)

NAMES = ("chromium", "chromium-browser")
# No request of the browser's own, and no sandbox, which root may not have.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A page, the origins it asked for files or data, and what went wrong in it."""

    page: Page
    origins: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


def note_request(visit: Visit, request: Request) -> None:
    url = urlsplit(request.url)
    if url.scheme not in {"data", "blob"}:
        visit.origins.add(f"{url.scheme}://{url.netloc}")


def note_message(visit: Visit, message: ConsoleMessage) -> None:
    if message.type in {"error", "warning"}:
        visit.problems.append(message.text)


def note_error(visit: Visit, error: Exception) -> None:
    visit.problems.append(str(error))


def find_chromium() -> str:
    """Find Debian's Chromium, or skip the test."""
    paths = (shutil.which(name) for name in NAMES)
    found = next((path for path in paths if path), None)
    if found is None:
        pytest.skip("no Chromium on the PATH: `apt-get install chromium` brings it")
    return found


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Start Chromium, and close it at the end."""
    executable = find_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable, args=list(ARGUMENTS)
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def open_visit(browser: Browser, url: str) -> AsyncIterator[Visit]:
    """Open an address as a first visitor does: nothing stored, no cookies."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    visit = Visit(page=page)
    page.on("request", partial(note_request, visit))
    page.on("console", partial(note_message, visit))
    page.on("pageerror", partial(note_error, visit))
    try:
        await page.goto(url)
        yield visit
    finally:
        await context.close()
