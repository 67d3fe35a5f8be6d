"""LibreOffice as a converter."""

import os
import shutil
import stat
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from connectors.errors import PressroomError
from connectors.office import convert

pytestmark = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")


def test_text_becomes_pdf_and_nothing_else_is_left(tmp_path: Path) -> None:
    source = tmp_path / "Brev å.txt"
    source.write_text("Hej på dig", encoding="utf-8")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    made = convert(source, "pdf", scratch, 60)
    assert made.read_bytes().startswith(b"%PDF-")
    assert made.is_relative_to(scratch)
    assert not list(scratch.rglob("profile"))
    assert source.read_text(encoding="utf-8") == "Hej på dig"


def test_linked_pictures_are_not_fetched(tmp_path: Path) -> None:
    """A picture on a server would tell its owner who converts the document, and reach servers that only we can."""
    asked: list[str] = []

    class Recorder(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            asked.append(str(self.client_address))

    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    Thread(target=server.serve_forever, daemon=True).start()
    (tmp_path / "linked.fodt").write_text(
        f"""<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
 xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"
 office:mimetype="application/vnd.oasis.opendocument.text" office:version="1.3"><office:body><office:text>
<text:p>Hello<draw:frame svg:width="3cm" svg:height="3cm" text:anchor-type="as-char"><draw:image
 xlink:href="http://127.0.0.1:{server.server_port}/pixel.png" xlink:type="simple" xlink:show="embed"
 xlink:actuate="onLoad"/></draw:frame></text:p></office:text></office:body></office:document>"""
    )
    try:
        assert convert(tmp_path / "linked.fodt", "pdf", tmp_path, 60).exists()
    finally:
        server.shutdown()
        server.server_close()
    assert asked == []


@pytest.mark.parametrize(
    ("name", "content"),
    [("torn.odt", b"PK\x03\x04" + b"x" * 300), ("torn.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 600)],
)
def test_what_gives_no_file_is_a_fault_whatever_the_exit_code(tmp_path: Path, name: str, content: bytes) -> None:
    source = tmp_path / name
    source.write_bytes(content)
    with pytest.raises(PressroomError) as failed:
        convert(source, "docx", tmp_path, 60)
    assert failed.value.code == "office.failed"
    assert name in failed.value.message


def test_a_conversion_that_takes_too_long_is_ended_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "soffice"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nsleep 300 &\necho $! > {tmp_path}/child\nwait\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    source = tmp_path / "slow.doc"
    source.write_text("x")
    with pytest.raises(PressroomError) as failed:
        convert(source, "docx", tmp_path, 1)
    assert failed.value.code == "office.timeout"
    status = Path(f"/proc/{(tmp_path / 'child').read_text().strip()}/status")
    assert not status.exists() or "State:\tZ" in status.read_text()


def test_a_machine_without_libreoffice_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PressroomError, match=r"office\.missing"):
        convert(tmp_path / "x.doc", "docx", tmp_path, 1)


def test_text_and_tables_come_through(tmp_path: Path) -> None:
    from docx import Document

    document = Document()
    document.add_paragraph("Hello")
    document.add_table(1, 1).cell(0, 0).text = "Cell"
    document.save(str(tmp_path / "a.docx"))
    odt = convert(tmp_path / "a.docx", "odt", tmp_path, 60)
    assert "Cell" in zipfile.ZipFile(odt).read("content.xml").decode()
