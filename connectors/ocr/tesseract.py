"""The one place that starts tesseract, through pytesseract.

pytesseract is told to start `tesseract.sh` beside this file, which limits each process to one thread and ties its life
to ours. All files of a run lie in one folder, by which its processes are found again when they must end early.
"""

import os
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType

from connectors.errors import Fault
from connectors.messages import N_

ENGINE_MISSING = Fault(
    "ocr.engine_missing",
    503,
    N_("The text recognition engine, tesseract, is not installed on this machine."),
    N_("Administrators: install the Debian package tesseract-ocr and run “pressroom doctor”."),
)
PAGE_FAILED = Fault(
    "ocr.page_failed",
    422,
    N_("The text on page {page} of “{name}” could not be recognised."),
    N_("Open the document and look at that page. Scan it again or leave it out."),
)
TIMEOUT = Fault(
    "ocr.timeout",
    504,
    N_("Recognising the text on page {page} of “{name}” took longer than {seconds} seconds."),
    N_("Scan that page at a lower resolution. Administrators: raise PRESSROOM_OCR_PAGE_SECONDS."),
)

LAUNCHER = Path(__file__).with_name("tesseract.sh")


@dataclass(frozen=True, slots=True)
class PageName:
    """What to call a page in an error: its number, counted from 1, and the document's file name."""

    number: int
    document: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What orientation detection says: `degrees` clockwise make the page upright, with that `confidence`."""

    degrees: int
    confidence: float


def installed_languages() -> frozenset[str]:
    """The languages whose data tesseract finds, by its own names; raises `ENGINE_MISSING`."""
    if shutil.which("tesseract") is None:
        raise ENGINE_MISSING()
    return _installed_languages(os.environ.get("TESSDATA_PREFIX", ""), os.environ["PATH"])


@lru_cache(maxsize=4)
def _installed_languages(_data_folder: str, _search_path: str) -> frozenset[str]:
    # asked once per place where tesseract and its data may lie: the answer costs a process
    languages: list[str] = _pytesseract().get_languages()
    return frozenset(languages)


def read_page(image: Path, base: Path, language: str, dpi: float, outputs: str, seconds: float, page: PageName) -> None:
    """Recognise `image` in one run that writes `base` + `.hocr`, and `.pdf` (only text) where `outputs` asks for it.

    `outputs` is "hocr" or "pdf hocr", `dpi` the image's resolution. Raises `TIMEOUT` after `seconds`, `PAGE_FAILED`,
    `ENGINE_MISSING`.
    """
    engine = _pytesseract()
    try:
        engine.run_tesseract(
            str(image),
            str(base),
            outputs,
            language,
            config=f"--dpi {round(dpi)} -c textonly_pdf=1",
            timeout=seconds,
        )
    except engine.TesseractNotFoundError as exc:
        raise ENGINE_MISSING() from exc
    except engine.TesseractError as exc:
        raise PAGE_FAILED(page=page.number, name=page.document) from exc
    except RuntimeError as exc:  # all that pytesseract says of a timeout
        raise TIMEOUT(page=page.number, name=page.document, seconds=round(seconds)) from exc


def orientation_of(image: Path, dpi: float, seconds: float) -> Turn | None:
    """Ask tesseract's orientation detection; None where it has no answer, such as on a page with too little text."""
    engine = _pytesseract()
    try:
        found = engine.image_to_osd(
            str(image), config=f"--dpi {round(dpi)}", output_type=engine.Output.DICT, timeout=seconds
        )
    except engine.TesseractNotFoundError as exc:
        raise ENGINE_MISSING() from exc
    except RuntimeError:  # too few characters, no data for it, or too slow: the page is read as it lies
        return None
    return Turn(int(found["rotate"]), float(found["orientation_conf"]))


def end_processes(folder: Path) -> None:
    """End our own tesseract processes that work on files in `folder`."""
    import psutil

    for process in psutil.Process().children():
        try:
            ours = any(argument.startswith(f"{folder}{os.sep}") for argument in process.cmdline())
            if ours:
                process.kill()
        except psutil.NoSuchProcess:
            continue  # it ended by itself


def _pytesseract() -> ModuleType:
    import pytesseract.pytesseract as engine

    engine.tesseract_cmd = str(LAUNCHER)
    return engine  # type: ignore[no-any-return]
