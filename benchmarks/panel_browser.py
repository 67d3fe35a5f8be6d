"""A printer's panel with its card reader, as light as it can be: five hundred of them fit into one process.

Plain HTTP/1.1 over asyncio's streams: one connection for requests, one for the stream of events.
"""

import asyncio
import json
import time
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

PAGE = {"Pressroom-Panel": "1", "Sec-Fetch-Site": "same-origin"}
"""What the page of the panel sends with everything that changes something."""
WAIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class PrinterFacts:
    """A printer as it identifies itself, its key, and the badge of whoever comes to it."""

    id: str
    key: str
    identity: dict[str, str]
    badge: str


class PanelBrowser:
    """The panel of one printer. `heard` are the moments at which the page heard of a run's progress."""

    def __init__(self, host: str, port: int, printer: PrinterFacts) -> None:
        self._host, self._port, self._printer = host, port, printer
        self._cookie = ""
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._events: asyncio.Task[None] | None = None
        self._homes: asyncio.Queue[float] = asyncio.Queue()
        self._news = asyncio.Condition()
        self.heard: dict[tuple[str, int], float] = {}

    async def open(self) -> None:
        """Let the printer open the panel, and listen to what happens at it."""
        visit = {"identity": self._printer.identity, "width": 1024, "height": 600}
        opened = json.loads(await self._device("visits", visit))
        path = "/panel/enter/" + str(opened["url"]).rpartition("/")[2]
        _, headers, _ = await self._request("GET", path, {}, expected=HTTPStatus.SEE_OTHER)
        self._cookie = headers["set-cookie"].partition(";")[0]
        await self._request("GET", "/panel/", {})
        is_open = asyncio.Event()
        self._events = asyncio.create_task(self._listen(is_open))
        await asyncio.wait_for(is_open.wait(), WAIT_SECONDS)

    async def sign_in(self) -> float:
        """Hold the badge to the reader; milliseconds until the page has the home screen."""
        began = time.perf_counter()
        await self._device("badges", {"badge": self._printer.badge})
        return (await asyncio.wait_for(self._homes.get(), WAIT_SECONDS) - began) * 1000

    async def timed_list(self, count: int) -> float:
        """Open the Solution Center; milliseconds until all `count` solutions are there."""
        began = time.perf_counter()
        listed = json.loads(await self._api("GET", "solution-center/solutions"))
        taken = (time.perf_counter() - began) * 1000
        assert len(listed["solutions"]) == count, len(listed["solutions"])
        return taken

    async def timed_send(self, solution_id: str, scan: bytes) -> float:
        """A quick run with a document; milliseconds from its last byte until the run is accepted."""
        draft = json.loads(await self._api("POST", "run-drafts", {"solution_id": solution_id, "version": 1}))
        path = f"/panel/api/run-drafts/{draft['id']}/document?send=true"
        headers = {**PAGE, "Upload-Offset": "0", "Upload-Length": str(len(scan)), "Content-Length": str(len(scan))}
        reader, writer = await self._connection()
        writer.write(self._head("PUT", path, headers) + scan[:-1])
        await writer.drain()
        while writer.transport.get_write_buffer_size():  # until then the last byte would wait behind others
            await asyncio.sleep(0)
        began = time.perf_counter()
        writer.write(scan[-1:])
        _, _, body = await self._answer(reader, HTTPStatus.OK)
        taken = (time.perf_counter() - began) * 1000
        assert json.loads(body)["run"]["state"] == "QUEUED"
        return taken

    async def timed_touch(self) -> float:
        """Tell that somebody is there; milliseconds until the answer."""
        began = time.perf_counter()
        await self._api("POST", "touch")
        return (time.perf_counter() - began) * 1000

    async def follow(self, run_id: str) -> None:
        """Show the progress of a run from now on."""
        await self._api("PUT", f"panel-runs/{run_id}/watch")

    async def wait_for(self, run_id: str, count: int) -> None:
        """Until the page has heard of this progress of the run."""
        async with self._news:
            await asyncio.wait_for(self._news.wait_for(lambda: (run_id, count) in self.heard), WAIT_SECONDS)

    def close(self) -> None:
        """Switch the panel off."""
        if self._events is not None:
            self._events.cancel()
        if self._line is not None:
            self._line[1].close()

    async def _device(self, path: str, content: object) -> bytes:
        headers = {"Authorization": f"Bearer {self._printer.key}"}
        return (await self._request("POST", f"/device/v1/panel/{path}", headers, content))[2]

    async def _api(self, method: str, path: str, content: object = None) -> bytes:
        return (await self._request(method, f"/panel/api/{path}", PAGE, content))[2]

    async def _request(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        content: object = None,
        expected: HTTPStatus | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        body = b"" if content is None else json.dumps(content).encode()
        headers = {**headers, "Content-Length": str(len(body)), "Content-Type": "application/json"}
        reader, writer = await self._connection()
        writer.write(self._head(method, path, headers) + body)
        return await self._answer(reader, expected)

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._line is None or self._line[1].is_closing() or self._line[0].at_eof():
            self._line = await asyncio.open_connection(self._host, self._port, limit=1 << 20)
        return self._line

    def _head(self, method: str, path: str, headers: dict[str, str]) -> bytes:
        host = f"{self._host}:{self._port}"
        more = {"Host": host} | ({"Cookie": self._cookie} if self._cookie else {}) | headers
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in more.items()), "", ""]
        return "\r\n".join(lines).encode()

    async def _answer(
        self, reader: asyncio.StreamReader, expected: HTTPStatus | None
    ) -> tuple[int, dict[str, str], bytes]:
        status, headers = await _head_of(reader)
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        assert status == expected if expected else httpx.codes.is_success(status), (status, body[:500])
        return status, headers, body

    async def _listen(self, is_open: asyncio.Event) -> None:
        reader, writer = await asyncio.open_connection(self._host, self._port, limit=1 << 20)
        try:
            writer.write(self._head("GET", "/panel/api/events", {"Accept": "text/event-stream"}))
            await _head_of(reader)
            event = ""
            while line := await reader.readline():
                if line.startswith(b"event: "):
                    event = line[7:].strip().decode()
                    is_open.set()
                elif line.startswith(b"data: "):
                    await self._hear(event, line[6:])
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _hear(self, event: str, data: bytes) -> None:
        at = time.perf_counter()
        if event == "signed_in":
            assert json.loads(data)["home"]["tiles"]
            self._homes.put_nowait(at)
        elif event == "run":
            news: dict[str, Any] = json.loads(data)
            async with self._news:
                self.heard.setdefault((news["id"], news["steps"][0]["done"]), at)
                self._news.notify_all()


async def _head_of(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Status and headers of an answer, the headers' names in lower case."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines[1:] if line)
    return int(lines[0].split()[1]), {name.lower(): value.strip() for name, _, value in pairs}
