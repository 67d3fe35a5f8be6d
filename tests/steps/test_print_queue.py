"""The cloud print queue and the download: small steps, kept once."""

from pathlib import Path

import pytest

from connectors.errors import PressroomError
from steps import download, print_queue
from steps.contract import DOCX, PDF, DeliveryState, Surface
from steps.download import DownloadStep, offer_download
from steps.local_context import LocalContext
from steps.print_queue import PrintQueueStep, queue_for_print
from steps.samples import letter_docx, letter_pdf


def test_held_once_under_the_deliverys_key(context: LocalContext, tmp_path: Path) -> None:
    """SC-86a."""
    document = context.take_in(letter_pdf(tmp_path), PDF)
    for _ in range(2):
        result = queue_for_print(document, PrintQueueStep(), context)
    assert result.documents == (document,)
    (delivery,) = context.deliveries.values()
    assert context.held == {delivery.key: document}
    assert (delivery.state, delivery.receipt) == (DeliveryState.DELIVERED, delivery.key[:8])


def test_an_interrupted_attempt_is_repeated_under_the_same_key(context: LocalContext, tmp_path: Path) -> None:
    document = context.take_in(letter_pdf(tmp_path), PDF)
    context.delivery(document, "cloud print queue").committing()
    queue_for_print(document, PrintQueueStep(), context)
    assert len(context.held) == 1


@pytest.mark.parametrize(
    ("media_type", "language", "printable"),
    [(DOCX, "sv", True), (DOCX, None, True), (DOCX, "ar", False), (DOCX, "xx", True), (PDF, "ar", True)],
)
def test_languages_that_printers_garble(
    context: LocalContext, tmp_path: Path, media_type: str, language: str | None, printable: bool
) -> None:
    make = letter_pdf if media_type == PDF else letter_docx
    document = context.take_in(make(tmp_path), media_type, language=language)
    if printable:
        queue_for_print(document, PrintQueueStep(), context)
    else:
        with pytest.raises(PressroomError) as caught:
            queue_for_print(document, PrintQueueStep(), context)
        assert (caught.value.code, caught.value.fault.spec) == ("print.language", "TR-28")
    assert bool(context.held) == printable


def test_the_queue_needs_its_role_and_a_printable_file(context: LocalContext, tmp_path: Path) -> None:
    """SC-86b."""
    assert print_queue.KIND.role == "Print Release Management User"
    (tmp_path / "a.zip").write_bytes(b"PK")
    with pytest.raises(PressroomError) as caught:
        print_queue.KIND.check_format(context.take_in(tmp_path / "a.zip", "application/zip"))
    assert caught.value.code == "document.format"


def test_a_download_is_the_document_itself_and_only_in_the_portal(context: LocalContext, tmp_path: Path) -> None:
    document = context.take_in(letter_docx(tmp_path), DOCX)
    result = offer_download(document, DownloadStep(), context)
    assert result.documents == (document,)
    assert result.report.measures["downloadable"] == 1
    assert download.KIND.surfaces == {Surface.PORTAL}
