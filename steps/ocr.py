"""Extract text with OCR: scans and images become searchable PDF, DOCX or plain text (SC-80)."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from connectors.documents.document import Document
from connectors.messages import N_, Message
from connectors.ocr.image_pdf import pdf_of_images
from connectors.ocr.language_choice import LanguageChoice, first_guess, language_asked_for, offered_languages
from connectors.ocr.languages import tag_of, tesseract_name_of
from connectors.ocr.pages import ImagePages, Limits, Pages, PdfPages
from connectors.ocr.recognition import ReadPage, Recognition
from connectors.ocr.searchable_pdf import SearchablePdf
from connectors.ocr.text_documents import write_docx, write_txt
from steps.contract import (
    DOCX,
    IMAGES,
    PDF,
    TXT,
    Service,
    StepClass,
    StepContext,
    StepExample,
    StepKind,
    StepParameters,
    StepReport,
    StepResult,
)
from steps.samples import scan_png

AUTO = "auto"
LOW_CONFIDENCE = 60
LANGUAGE_PAGES = 5
NAMED_PAGES = 12
MEDIA_TYPES = {"pdf": PDF, "docx": DOCX, "txt": TXT}


class OcrStep(StepParameters):
    """Parameters of the OCR step. `language` takes tesseract's names and BCP 47 tags, and keeps the former (SC-80c)."""

    output_type: Literal["pdf", "docx", "txt"] = Field(
        "pdf",
        title=N_("Output type"),
        description=N_("A searchable PDF that looks like the original, an editable DOCX document, or plain text."),
    )
    language: Annotated[str, BeforeValidator(lambda value: tesseract_name_of(str(value)))] = Field(
        AUTO,
        pattern=r"^(auto|[a-z]{3}(_[a-z]+)*)$",
        max_length=20,
        title=N_("Language"),
        description=N_("The language of the document. “auto” finds it out."),
        json_schema_extra={"widget": "language"},
    )


def ocr(document: Document, step: OcrStep, context: StepContext) -> StepResult:
    """Recognise the text of `document` and write it as `step.output_type`.

    Pages that carry their text keep it. Only recognised pages count for the quota. Raises `ocr.engine_missing`,
    `ocr.language_missing`, `ocr.page_failed`, `ocr.timeout` and the faults of unusable documents.
    """
    started = time.monotonic()
    offered = offered_languages(context.settings.ocr_languages)
    if step.language == AUTO:
        choice = first_guess(document.language, offered)
    else:
        choice = language_asked_for(step.language, offered)
    source = context.fetch(document)
    limits = Limits(context.settings.ocr_dpi, context.settings.max_pixels, context.settings.max_pages)
    open_pages = PdfPages if document.media_type == PDF else ImagePages
    with closing(open_pages(source, document.name, limits)) as pages:
        choice = _weigh_own_text(choice, pages)
        read, choice = _read(pages, document.name, step, choice, context)
        target = _write(read, pages, source, document.name, step, choice, context)
    name = f"{Path(document.name).stem}.{step.output_type}"
    result = context.store(target, name, MEDIA_TYPES[step.output_type], pages=len(read), language=choice.tag)
    recognised = [page.text for page in read if page.text.recognised]
    return StepResult(
        documents=(result,),
        report=_report(read, choice, time.monotonic() - started),
        characters=sum(page.characters for page in recognised),
        pages=len(recognised),
    )


def _weigh_own_text(choice: LanguageChoice, pages: Pages) -> LanguageChoice:
    """Settle the language by text that the first pages carry anyway."""
    own = (pages.own_text(number) for number in range(min(LANGUAGE_PAGES, pages.count)))
    for text in own:
        choice = choice.weighed(text.text) if text and text.readable else choice
    return choice


def _read(
    pages: Pages, name: str, step: OcrStep, choice: LanguageChoice, context: StepContext
) -> tuple[list[ReadPage], LanguageChoice]:
    """All pages. A guessed language that the first ones disprove costs a second reading of those in work by then."""
    read: list[ReadPage] = []
    numbers = range(pages.count)
    recognition = Recognition(
        pages,
        name,
        choice.name,
        layers=step.output_type == "pdf",
        folder=context.scratch,
        threads=context.settings.ocr_processes,
        seconds=context.settings.ocr_page_seconds,
    )
    with closing(recognition.read(numbers, lambda: context.progress(len(read), pages.count))) as reading:
        for page in reading:
            read.append(page)
            context.progress(len(read), pages.count)
            if len(read) <= LANGUAGE_PAGES:
                weighed = choice.weighed("\n".join(page.text.text for page in read))
                if weighed.name != choice.name:
                    break
                choice = weighed
        else:
            return read, choice
    return _read(pages, name, step, weighed, context)


def _write(
    read: Sequence[ReadPage],
    pages: Pages,
    source: Path,
    name: str,
    step: OcrStep,
    choice: LanguageChoice,
    context: StepContext,
) -> Path:
    target = context.scratch / f"result.{step.output_type}"
    texts = [page.text for page in read]
    if step.output_type == "docx":
        write_docx(texts, target, Path(name).stem, choice.tag)
    elif step.output_type == "txt":
        write_txt(texts, target)
    else:
        base = pdf_of_images(pages, context.scratch) if isinstance(pages, ImagePages) else source
        with closing(SearchablePdf(base, name)) as searchable:
            for page in read:
                searchable.add(page)
            searchable.save(target)
    return target


def _report(read: Sequence[ReadPage], choice: LanguageChoice, seconds: float) -> StepReport:
    recognised = [page for page in read if page.text.recognised]
    characters = sum(page.text.characters for page in recognised)
    measures = {
        f"confidence_page_{page.number + 1}": round(page.text.confidence, 1)
        for page in recognised
        if page.text.confidence is not None
    }
    measures |= {"pages": len(recognised), "characters": characters, "seconds": round(seconds, 3)}
    summary = Message(
        template=N_(
            "Text was recognised on {pages} of {all} pages, {characters} characters in the language “{language}”."
        ),
        facts={"pages": len(recognised), "all": len(read), "characters": characters, "language": tag_of(choice.name)},
    )
    return StepReport(summary=summary, warnings=tuple(_warnings(recognised, choice)), measures=measures)


def _warnings(recognised: Sequence[ReadPage], choice: LanguageChoice) -> Iterator[Message]:
    empty = [page.number + 1 for page in recognised if page.text.confidence is None]
    doubtful = [
        page.number + 1
        for page in recognised
        if page.text.confidence is not None and page.text.confidence < LOW_CONFIDENCE
    ]
    if empty:
        yield Message(template=N_("No text was found on page {pages}."), facts={"pages": _named(empty)})
    if doubtful:
        yield Message(
            template=N_("Text could hardly be read on page {pages}: check it against the original."),
            facts={"pages": _named(doubtful)},
        )
    if choice.warning and len(empty) < len(recognised):
        yield choice.warning


def _named(pages: Sequence[int]) -> str:
    return ", ".join(map(str, pages[:NAMED_PAGES])) + (" …" if len(pages) > NAMED_PAGES else "")


KIND = StepKind(
    name="ocr",
    title=N_("Extract text with OCR"),
    description=N_("Makes the text of scans and images searchable and editable."),
    icon="document_scanner",
    parameters=OcrStep,
    run=ocr,
    step_class=StepClass.ACTION,
    example=StepExample(OcrStep(output_type="docx", language="eng"), scan_png),
    service=Service.OCR,
    role="OCR User",
    accepts=IMAGES | {PDF},
    output=lambda step, _media_type: MEDIA_TYPES[step.output_type],
)
