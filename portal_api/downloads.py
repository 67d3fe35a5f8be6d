"""Handing stored documents to browsers and programs: streamed, named safely, and never run by the browser."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from itertools import chain
from typing import BinaryIO
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from connectors.documents import open_store
from connectors.documents.document import Document
from connectors.settings import get_settings
from domain.runs.documents import redeem_download_link
from portal_api.sign_in import client_address

SHOWN_INLINE = frozenset({"application/pdf", "image/png", "image/jpeg", "text/plain"})
"""Types that a browser shows without running anything in them. All others, HTML and SVG too, are only saved."""
PIECE = 1 << 18
DIRECT_LINK_LIFETIME = timedelta(minutes=1)
"""Life of a store's own link, which a browser follows at once."""
DOCUMENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'"

router = APIRouter(include_in_schema=False)


class DocumentResponse(StreamingResponse):
    """A stored document in pieces. The first is read at once, so that the store's faults still become problem details;
    damage found later breaks the connection off, because the length promised is then not reached."""

    def __init__(
        self, opened: AbstractContextManager[tuple[Document, BinaryIO]], *, inline: bool = False, once: bool = False
    ) -> None:
        with ExitStack() as opening:
            document, stream = opening.enter_context(opened)
            first = stream.read(PIECE)
            self._open = opening.pop_all()
        shown = inline and document.media_type in SHOWN_INLINE
        headers = {
            "Content-Disposition": content_disposition(document.name, inline=shown),
            "Content-Length": str(document.size),
            "Content-Security-Policy": DOCUMENT_POLICY,
            "X-Frame-Options": "SAMEORIGIN",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store" if once else "private, max-age=3600, immutable",
            "ETag": f'"{document.sha256}"',
        }
        if once:
            headers["Referrer-Policy"] = "no-referrer"
        rest = iter(lambda: stream.read(PIECE), b"")
        super().__init__(chain([first], rest), headers=headers, media_type=document.media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await run_in_threadpool(self._open.close)


def content_disposition(name: str, *, inline: bool = False) -> str:
    """The header that names a file (RFC 6266): plain ASCII for old programs, UTF-8 (RFC 8187) for all others."""
    plain = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%' else "_" for char in name)
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


@router.get("/d/{token}")
def redeem(request: Request, token: str) -> Response:
    """The document behind a download link, which works once (SC-116).

    Where the installation lets browsers reach the store (`s3_public_endpoint`), the bytes come straight from there.
    """
    document = redeem_download_link(token, client_address(request))
    settings = get_settings()
    if settings.s3_public_endpoint:
        link = open_store(settings).presigned_link(document.key, document.name, DIRECT_LINK_LIFETIME)
        if link is not None:
            return RedirectResponse(link, 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
    return DocumentResponse(_opened(document), once=True)


@contextmanager
def _opened(document: Document) -> Iterator[tuple[Document, BinaryIO]]:
    with open_store(get_settings()).open(document.key, document.sha256) as stream:
        yield document, stream
