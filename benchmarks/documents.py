"""What Pressroom adds to its engines, how fast it recognises text, and how much memory a long scan takes.

    python -m benchmarks.documents [--quick] [--skip-memory]

* `overhead_ratio`: OCR → redact → footer → download on a 10-page scan through the step functions, over the sum of the
  bare engines' times on the same file: tesseract on the same pages with as many processes, presidio's analyzer on the
  same text for the same entities, python-docx opening and saving. Target ≤ 1.10.
* `ocr_vs_ocrmypdf`: pages a minute of our OCR step into a searchable PDF, over those of OCRmyPDF's command on the same
  scans with the same language, resolution, jobs, rotation and deskewing. Target ≥ 1.0.
* `peak_mb_300_pages`: the most memory that a process and its children hold while a 300-page scan is recognised, in MB
  of 1,048,576 bytes. Target < 600.

All of them are interleaved (A B C, A B C …) and given as medians, because machines are noisy.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.scans import page_text, scanned_pdf
from connectors.documents.document import Document
from connectors.ocr.pages import Limits, PdfPages
from connectors.settings import Settings
from steps import download, footer, ocr, redact
from steps.contract import PDF, StepKind, StepParameters
from steps.local_context import LocalContext

ENTITIES = ("PERSON", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE")  # bare presidio goes online to check e-mail addresses
TO_DOCX = ocr.OcrStep(output_type="docx", language="eng")
TO_PDF = ocr.OcrStep(output_type="pdf", language="eng")
CHAIN: tuple[tuple[StepKind[Any], StepParameters], ...] = (
    (ocr.KIND, TO_DOCX),
    (redact.KIND, redact.RedactStep(pii=ENTITIES, language="en")),
    (footer.KIND, footer.FooterStep(text="{solution} · {page}/{pages}")),
    (download.KIND, download.DownloadStep()),
)
MEGABYTE = 1 << 20


def main() -> None:
    """Measure, print the table and, as the last line, one JSON object."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="once, on 3 pages; 30 pages for memory")
    arguments.add_argument("--skip-memory", action="store_true")
    arguments.add_argument("--memory-of", type=Path, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    with TemporaryDirectory() as folder:
        if chosen.memory_of:
            _recognise(chosen.memory_of, Path(folder))
            return
        figures = _times(Path(folder), pages=3 if chosen.quick else 10, repetitions=1 if chosen.quick else 3)
        if not chosen.skip_memory:
            figures["peak_mb_300_pages"] = _peak_megabytes(Path(folder), 30 if chosen.quick else 300)
    targets = {"overhead_ratio": "≤ 1.10", "ocr_vs_ocrmypdf": "≥ 1.0", "peak_mb_300_pages": "< 600"}
    table = Table("Figure", "Value", "Target")
    for name, value in figures.items():
        table.add_row(name, f"{value:g}", targets.get(name, ""))
    Console().print(table)
    print(json.dumps(figures))


def _times(folder: Path, pages: int, repetitions: int) -> dict[str, float]:
    texts = [page_text(number) for number in range(pages)]
    source = scanned_pdf(folder / "scan.pdf", iter(texts))
    bare = _BareEngines(source, folder)
    _chain(scanned_pdf(folder / "warm.pdf", iter(texts[:1])), folder / "warm", [])  # the product runs in a warm worker
    bare.analyze()
    measured: dict[str, list[float]] = {}
    searchable = folder / "ours.pdf"
    for repetition in range(repetitions):
        steps: list[float] = []
        for name, work in (
            ("chain_s", partial(_chain, source, folder / f"chain-{repetition}", steps)),
            ("tesseract_s", bare.recognise),
            ("analyzer_s", bare.analyze),
            ("python_docx_s", bare.rewrite),
            ("ocr_s", partial(_to_pdf, source, folder / f"pdf-{repetition}", searchable)),
            ("ocrmypdf_s", partial(_ocrmypdf, source, folder / "theirs.pdf")),
        ):
            measured.setdefault(name, []).append(_seconds(work))
        for (kind, _), seconds in zip(CHAIN, steps, strict=True):
            measured.setdefault(f"chain_{kind.name}_s", []).append(seconds)
    figures = {name: round(median(values), 3) for name, values in measured.items()}
    ratios = [
        chain / (engine + analyzer + docx)
        for chain, engine, analyzer, docx in zip(
            *(measured[name] for name in ("chain_s", "tesseract_s", "analyzer_s", "python_docx_s")), strict=True
        )
    ]
    theirs = [other / own for other, own in zip(measured["ocrmypdf_s"], measured["ocr_s"], strict=True)]
    truth = " ".join(texts)
    return figures | {
        "overhead_ratio": round(median(ratios), 3),
        "pages_per_min": round(pages * 60 / figures["ocr_s"], 1),
        "ocrmypdf_pages_per_min": round(pages * 60 / figures["ocrmypdf_s"], 1),
        "ocr_vs_ocrmypdf": round(median(theirs), 3),
        "word_recall": round(_recall(searchable, truth), 4),
        "ocrmypdf_word_recall": round(_recall(folder / "theirs.pdf", truth), 4),
    }


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _chain(source: Path, folder: Path, seconds: list[float]) -> Document:
    """The steps one after the other; how long each took is appended to `seconds`."""
    context = LocalContext(folder)
    document = context.store(source, source.name, PDF)
    for kind, parameters in CHAIN:
        started = time.perf_counter()
        document = context.run_step(kind, parameters, document).documents[0]
        seconds.append(time.perf_counter() - started)
    return document


def _to_pdf(source: Path, folder: Path, target: Path) -> None:
    context = LocalContext(folder)
    result = context.run_step(ocr.KIND, TO_PDF, context.store(source, source.name, PDF))
    target.write_bytes(context.fetch(result.documents[0]).read_bytes())


def _ocrmypdf(source: Path, target: Path) -> None:
    settings = Settings(_env_file=None)
    command = [sys.executable, "-m", "ocrmypdf", "--quiet", "--language", "eng"]
    command += ["--jobs", str(settings.ocr_processes)]  # no oversampling: both read the scan at its own resolution
    command += ["--rotate-pages", "--deskew", "--output-type", "pdf", "-O0", str(source), str(target)]
    subprocess.run(command, check=True)


class _BareEngines:
    """The engines without Pressroom, on what it gives them: page images, text, a DOCX, all prepared beforehand."""

    def __init__(self, source: Path, folder: Path) -> None:
        from docx import Document as WordDocument

        self._settings = Settings(_env_file=None)
        limits = Limits(self._settings.ocr_dpi, self._settings.max_pixels, self._settings.max_pages)
        pages = PdfPages(source, source.name, limits)
        self._images: Sequence[Path] = [folder / f"bare-{number}.pgm" for number in range(pages.count)]
        for number, image in enumerate(self._images):
            pages.image(number).image.save(image)
        pages.close()
        context = LocalContext(folder / "bare")
        document = context.run_step(ocr.KIND, TO_DOCX, context.store(source, source.name, PDF)).documents[0]
        self._docx = context.fetch(document)
        self._text = "\n".join(paragraph.text for paragraph in WordDocument(str(self._docx)).paragraphs)
        self._analyzer = _presidio()

    def recognise(self) -> None:
        """Tesseract's command on every page, as many at a time as the OCR step runs."""
        environment = os.environ | {"OMP_THREAD_LIMIT": "1"}

        def page(image: Path) -> None:
            command = ["tesseract", str(image), str(image.with_suffix("")), "-l", "eng", "hocr"]
            subprocess.run(command, check=True, capture_output=True, env=environment)

        with ThreadPoolExecutor(self._settings.ocr_processes) as pool:
            list(pool.map(page, self._images))

    def analyze(self) -> None:
        self._analyzer(self._text)

    def rewrite(self) -> None:
        from docx import Document as WordDocument

        WordDocument(str(self._docx)).save(str(self._docx.with_suffix(".copy.docx")))


def _presidio() -> Callable[[str], object]:
    """Presidio's analyzer as it comes, with the language model that the redaction uses."""
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    from connectors.pii.languages import language_of

    models = [{"lang_code": "en", "model_name": str(language_of("en").model_folder)}]
    engine = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()
    analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
    return partial(analyzer.analyze, entities=list(ENTITIES), language="en")


def _recall(pdf: Path, truth: str) -> float:
    """The share of the true words, each as often as it occurs, that pdftotext finds in `pdf`."""
    text = subprocess.run(["pdftotext", str(pdf), "-"], check=True, capture_output=True, text=True).stdout
    found, wanted = (Counter(re.findall(r"\w+", part.lower())) for part in (text, truth))
    return sum(min(found[word], count) for word, count in wanted.items()) / wanted.total()


def _peak_megabytes(folder: Path, pages: int) -> float:
    """The most that a process of its own and its children hold together while it recognises a scan of `pages`."""
    import psutil

    long = scanned_pdf(folder / "long.pdf", (page_text(number, paragraphs=1) for number in range(pages)))
    worker = psutil.Popen([sys.executable, "-m", "benchmarks.documents", "--memory-of", str(long)])
    peak = 0
    while worker.poll() is None:
        held = 0
        for process in (worker, *worker.children(recursive=True)):
            try:
                held += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue  # a page is done
        peak = max(peak, held)
        time.sleep(0.05)
    if worker.returncode:
        raise SystemExit("the recognition of the long scan failed")
    return round(peak / MEGABYTE, 1)


def _recognise(source: Path, folder: Path) -> None:
    _to_pdf(source, folder / "memory", folder / "long-ours.pdf")


if __name__ == "__main__":
    main()
