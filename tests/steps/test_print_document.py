"""The print step at a real IPP printer: one job each, followed to its end, and troubles in people's words."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from connectors.documents.document import Document
from connectors.errors import PressroomError
from connectors.ipp import faults
from connectors.ipp.client import Printer
from connectors.settings import Settings
from steps.contract import CANCELLED, DOCX, PDF, TXT, DeliveryState
from steps.local_context import LocalContext
from steps.print_document import PrintDocumentStep, print_document
from steps.samples import letter_docx, letter_pdf, letter_txt
from tests.support.ipp_printer import TestPrinter, dns_sd, ipp_printer


@pytest.fixture(scope="module")
def shared_device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestPrinter]:
    with dns_sd() as environment, ipp_printer(tmp_path_factory.mktemp("printer"), environment) as device:
        yield device


@pytest.fixture
def device(shared_device: TestPrinter) -> TestPrinter:
    shared_device.on_job("exit 0")
    return shared_device


@pytest.fixture
def context(device: TestPrinter, tmp_path: Path) -> LocalContext:
    return LocalContext(tmp_path, settings=Settings(_env_file=None, print_timeout_seconds=1.5), printer=device.address)


@pytest.fixture
def letter(context: LocalContext, tmp_path: Path) -> Document:
    return context.take_in(letter_pdf(tmp_path), PDF)


def refusal(document: Document, context: LocalContext, copies: int = 1) -> PressroomError:
    with pytest.raises(PressroomError) as caught:
        print_document(document, PrintDocumentStep(copies=copies), context)
    return caught.value


def only_delivery(context: LocalContext) -> DeliveryState:
    (delivery,) = context.deliveries.values()
    return delivery.state


def test_printed_once_and_whole(context: LocalContext, letter: Document, device: TestPrinter, tmp_path: Path) -> None:
    before = len(device.printed())
    device.on_job(f'echo "$IPP_COPIES" > {tmp_path}/copies; exit 0')
    for _ in range(2):
        result = print_document(letter, PrintDocumentStep(copies=3), context)
    assert device.printed()[before:] == [(tmp_path / "letter.pdf").read_bytes()]
    assert (tmp_path / "copies").read_text().strip() == "3"
    assert only_delivery(context) is DeliveryState.DELIVERED
    assert result.documents == (letter,)
    assert result.report.measures["copies"] == 3
    assert context.steps_shown[0] == (0, 1)
    assert (2, 2) in context.steps_shown


@pytest.mark.parametrize("copies", [0, -1, 1000])
def test_1_to_999_copies(copies: int) -> None:
    with pytest.raises(ValueError, match="copies"):
        PrintDocumentStep(copies=copies)


def test_a_type_that_the_printer_cannot_print(context: LocalContext, tmp_path: Path) -> None:
    error = refusal(context.take_in(letter_txt(tmp_path), TXT), context)
    assert error.code == "printer.format"
    assert "application/pdf, image/jpeg" in error.remedy
    assert only_delivery(context) is DeliveryState.PREPARED


def test_a_word_document_in_a_language_that_printers_garble(context: LocalContext, tmp_path: Path) -> None:
    document = context.take_in(letter_docx(tmp_path), DOCX, language="ar")
    error = refusal(document, context)
    assert error.code == "print.language"
    assert "Arabic" in error.message


def test_an_aborted_job_may_be_printed_again(context: LocalContext, letter: Document, device: TestPrinter) -> None:
    device.on_job("exit 3")
    assert refusal(letter, context).code == "printer.aborted"
    assert only_delivery(context) is DeliveryState.PREPARED
    device.on_job("exit 0")
    print_document(letter, PrintDocumentStep(), context)
    assert only_delivery(context) is DeliveryState.DELIVERED


def test_no_paper_is_said_and_the_same_job_is_followed_later(
    context: LocalContext, letter: Document, device: TestPrinter, tmp_path: Path
) -> None:
    """The command waits for the file `paper`, as a printer waits for paper."""
    before = len(device.printed())
    device.on_job_wait_for(
        tmp_path / "paper", 'echo "STATE: +media-empty-error" >&2', 'echo "STATE: -media-empty-error" >&2'
    )
    error = refusal(letter, context)
    assert error.code == "printer.media_empty"
    assert only_delivery(context) is DeliveryState.COMMITTING
    (tmp_path / "paper").touch()
    print_document(letter, PrintDocumentStep(), context)
    assert only_delivery(context) is DeliveryState.DELIVERED
    assert len(device.printed()) == before + 1


def test_a_printer_that_stands_still_without_a_reason(
    context: LocalContext, letter: Document, device: TestPrinter, tmp_path: Path
) -> None:
    device.on_job_wait_for(tmp_path / "go")
    assert refusal(letter, context).code == "printer.no_progress"
    (tmp_path / "go").touch()
    print_document(letter, PrintDocumentStep(), context)


def test_cancelling_takes_the_job_from_the_printer(
    context: LocalContext, letter: Document, device: TestPrinter, tmp_path: Path
) -> None:
    device.on_job_wait_for(tmp_path / "go")
    context.cancel_after = 3
    assert refusal(letter, context).fault is CANCELLED
    (tmp_path / "go").touch()
    context.cancel_after = None
    before = len(device.printed())
    device.on_job("exit 0")
    print_document(letter, PrintDocumentStep(), context)
    assert len(device.printed()) == before + 1, "the cancelled job came to nothing, so it is printed anew"


def test_cancelled_at_the_printer(context: LocalContext, letter: Document, device: TestPrinter, tmp_path: Path) -> None:
    device.on_job_wait_for(tmp_path / "go")
    deliveries = context.deliveries
    shown = context.progress

    def cancel_at_the_panel(done: int, total: int, message: object = None) -> None:
        shown(done, total)
        if (done, total) == (1, 2):
            mark = next(iter(deliveries))[:16]
            with Printer(device.address, "panel") as printer:
                job = printer.find_job(mark)
                assert job is not None
                printer.cancel(job.id)
            (tmp_path / "go").touch()

    context.progress = cancel_at_the_panel  # type: ignore[assignment]
    assert refusal(letter, context).code == "printer.canceled"
    assert only_delivery(context) is DeliveryState.PREPARED


def test_a_printer_that_is_off(context: LocalContext, letter: Document) -> None:
    context.printer = "ipp://127.0.0.1:9/ipp/print"
    error = refusal(letter, context)
    assert (error.code, error.transient) == ("printer.unreachable", True)
    assert only_delivery(context) is DeliveryState.PREPARED


def test_an_interrupted_job_that_the_printer_does_not_know_is_uncertain(
    context: LocalContext, letter: Document, device: TestPrinter
) -> None:
    context.delivery(letter, device.address).committing()
    before = len(device.printed())
    assert refusal(letter, context).code == "delivery.uncertain"
    assert len(device.printed()) == before


def test_too_many_copies_for_this_printer(
    context: LocalContext, letter: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.ipp.client.PRINTER_ATTRIBUTES", ("document-format-supported",))
    error = refusal(letter, context, copies=2)
    assert error.fault is faults.COPIES


WORKER = dedent(
    """
    import os, signal, sys
    from pathlib import Path
    from connectors.settings import Settings
    from steps.contract import PDF, DeliveryState
    from steps.print_document import PrintDocumentStep, print_document
    from steps.samples import letter_pdf
    from steps.local_context import LocalContext, LocalDelivery

    folder, address, die = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    record = folder / "state"

    class DurableDelivery(LocalDelivery):
        def committing(self):
            record.write_text("committing")
            super().committing()

        def delivered(self, receipt):
            if die == "yes":
                os.kill(os.getpid(), signal.SIGKILL)
            record.write_text("delivered")
            super().delivered(receipt)

    context = LocalContext(folder, printer=address)
    state = DeliveryState(record.read_text() if record.exists() else "prepared")
    context.delivery = lambda document, target: DurableDelivery(sys.argv[4], state)
    print_document(context.take_in(letter_pdf(folder), PDF), PrintDocumentStep(), context)
    """
)


def test_a_worker_killed_after_printing_does_not_print_again(device: TestPrinter, tmp_path: Path) -> None:
    key = os.urandom(32).hex()
    before = len(device.printed())
    codes = [
        subprocess.run(
            [sys.executable, "-c", WORKER, str(tmp_path), device.address, die, key], timeout=60, check=False
        ).returncode
        for die in ("yes", "no")
    ]
    assert codes == [-signal.SIGKILL, 0]
    assert (tmp_path / "state").read_text() == "delivered"
    assert len(device.printed()) == before + 1
