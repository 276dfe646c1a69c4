"""A foreign web site on loopback, and what its pages have a browser send."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PAGE = b"<!doctype html><title>A site of somebody else</title><p>Hello"
ANSWER = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n"
    b"content-length: %d\r\n\r\n%s" % (len(PAGE), PAGE)
)
# Ask from the page, and give the status and the text; "blocked" where the browser does
# not let the page, or the answer.
FETCH = """async ([url, options]) => {
  try {
    const response = await fetch(url, options);
    return [response.status, await response.text()];
  } catch (error) { return [0, "blocked"]; }
}"""
# Send a form as a page can without asking anybody.
FORM = """([url, method, type, value]) => {
  const form = document.createElement("form");
  Object.assign(form, { action: url, method, enctype: type });
  const input = document.createElement("input");
  Object.assign(input, { name: "query", value });
  form.append(input);
  document.body.append(form);
  form.submit();
}"""


@asynccontextmanager
async def foreign_site(host: str) -> AsyncIterator[str]:
    """Serve the page at a host of loopback, and give its origin."""

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://{host}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
