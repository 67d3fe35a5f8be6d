"""Redact: personal data and named texts are taken out of the file for good (SC-82)."""

from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.documents.document import Document
from connectors.errors import Fault, PressroomError
from connectors.messages import N_, Message
from connectors.ocr.languages import language_of
from connectors.pii import CustomText, MatchMode, build_detector, catalogue, compile_custom_text
from connectors.pii.detector import UNAVAILABLE, UNKNOWN
from connectors.settings import get_settings
from connectors.value_problems import invalid
from steps.contract import (
    DOCX,
    JPEG,
    PDF,
    PNG,
    TIFF,
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
from steps.redaction.document import Pace, Redaction
from steps.redaction.sweep import Sweep
from steps.samples import letter_docx

MOST_CUSTOM_TEXTS = 20
MOST_CHARACTERS = 512
AUTO = "auto"

NOTHING_CHOSEN = Fault(
    "redact.nothing_chosen",
    422,
    N_("The step “Redact” has nothing to look for."),
    N_("Choose at least one kind of personal data, or add a custom text."),
    spec="SC-82a",
)
TOO_MANY_TEXTS = Fault(
    "redact.too_many_texts",
    422,
    N_("There are more than {limit} custom texts."),
    N_("Remove some, or use a second Redact step."),
    spec="SC-E11",
)
TEXT_TOO_LONG = Fault(
    "redact.text_too_long",
    422,
    N_("A custom text or expression is longer than {limit} characters."),
    N_("Shorten it, or split it into several entries."),
    spec="SC-E11",
)
LANGUAGE_UNKNOWN = Fault(
    "redact.language_unknown",
    422,
    N_("The language of “{name}” cannot be told, so personal data in it cannot be found."),
    N_("Choose the language of the text in the step “Redact”."),
)
REMOVED = N_("Removed passages of text: {count}.")
NOTHING_FOUND = N_("Nothing was found to redact. Check whether the language and the selection fit the document.")


class CustomTextEntry(BaseModel):
    """A text that a person wants masked, and how it is compared (SC-82c, SC-82d: it is never trimmed)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(min_length=1, max_length=MOST_CHARACTERS, title=N_("Text"))
    mode: MatchMode = Field(MatchMode.WHOLE_WORD, title=N_("Match mode"))

    @property
    def custom_text(self) -> CustomText:
        """The entry as the detector takes it."""
        return CustomText(self.text, self.mode)


class RedactStep(StepParameters):
    """What to remove (SC-82): kinds of personal data, custom texts, or both."""

    LIMITS = MappingProxyType({"custom_texts": TOO_MANY_TEXTS, "custom_texts.text": TEXT_TOO_LONG})

    language: str = Field(
        AUTO,
        max_length=35,
        title=N_("Language of the text"),
        description=N_("The language of the text in which personal data is looked for; “auto” finds it out."),
        json_schema_extra={"widget": "language"},
    )
    pii: tuple[str, ...] = Field(
        (),
        title=N_("Personally identifiable information"),
        description=N_("The kinds of personal data to remove."),
        json_schema_extra={"widget": "pii"},
    )
    custom_texts: Annotated[tuple[CustomTextEntry, ...], Field(max_length=MOST_CUSTOM_TEXTS)] = Field(
        (),
        title=N_("Custom text"),
        description=N_("Up to 20 texts or expressions to remove."),
        json_schema_extra={"widget": "custom_texts"},
    )

    @field_validator("pii")
    @classmethod
    def _known(cls, entities: tuple[str, ...]) -> tuple[str, ...]:
        entries = {entry.entity: entry for entry in catalogue()}
        for entity in entities:
            if entity not in entries:
                raise invalid(UNKNOWN(entity=entity))
            if not entries[entity].available:
                raise invalid(UNAVAILABLE(label=entries[entity].label))
        return tuple(dict.fromkeys(entities))

    @field_validator("custom_texts")
    @classmethod
    def _compiles(cls, entries: tuple[CustomTextEntry, ...]) -> tuple[CustomTextEntry, ...]:
        for number, entry in enumerate(entries, 1):
            try:
                compile_custom_text(entry.custom_text, number)
            except PressroomError as error:
                raise invalid(error) from error
        return entries

    def unready(self) -> PressroomError | None:
        return None if self.pii or self.custom_texts else NOTHING_CHOSEN()


def redact(document: Document, step: RedactStep, context: StepContext) -> StepResult:
    """Remove what `step` names from `document`, search the result again, and report what went, never its text.

    Nothing is stored unless the search of the finished file finds nothing (SC-82j). Raises the faults of the document,
    of the detector, `SURVIVED` and `UNVERIFIABLE`.
    """
    if fault := step.unready():
        raise fault
    pace = Pace(context)
    pace.stage(0)
    redaction = open_redaction(document, context, pace)
    language = _language(document, step, redaction)
    sweep = Sweep(build_detector(step.pii, [entry.custom_text for entry in step.custom_texts], language))
    target = context.scratch / f"redacted{Path(document.name).suffix}"
    pace.stage(1)
    redaction.learn(sweep, language)
    context.measured(redaction.characters)
    pace.stage(2)
    redaction.clear(sweep)
    redaction.save(target)
    pace.stage(3)
    redaction.verify(sweep, target)
    result = context.store(
        target, document.name, document.media_type, pages=redaction.pages or document.pages, language=document.language
    )
    return StepResult(
        documents=(result,),
        report=_report(sweep, redaction),
        characters=redaction.characters,
        pages=redaction.pages or document.pages or 0,
    )


def open_redaction(document: Document, context: StepContext, pace: Pace) -> Redaction:
    """The redaction for the document's kind of file; raises `FORMAT_REFUSED` for any other."""
    KIND.check_format(document)
    source, settings = context.fetch(document), context.settings
    if document.media_type == DOCX:
        from steps.redaction.docx import DocxRedaction

        return DocxRedaction(source, document.name, settings, pace)
    if document.media_type == PDF:
        from steps.redaction.pdf import PdfRedaction

        return PdfRedaction(source, document.name, settings, context.scratch, pace)
    if document.media_type == TXT:
        from steps.redaction.text import TextRedaction

        return TextRedaction(source, document.name, pace)
    from steps.redaction.image import ImageRedaction

    return ImageRedaction(source, document.name, document.media_type, settings, context.scratch, pace)


def _language(document: Document, step: RedactStep, redaction: Redaction) -> str:
    """The language of the text. Custom texts alone need none, but pictures are read in some language: English."""
    if step.language != AUTO:
        return step.language
    if document.language:
        return document.language
    evidence = language_of(redaction.sample())
    if evidence is not None:
        return evidence.tag
    if step.pii:
        raise LANGUAGE_UNKNOWN(name=document.name)
    return "en"


def _report(sweep: Sweep, redaction: Redaction) -> StepReport:
    warnings = tuple(redaction.warnings)
    if not sweep.total:
        warnings = (Message(template=NOTHING_FOUND), *warnings)
    return StepReport(
        summary=Message(template=REMOVED, facts={"count": sweep.total}),
        findings=sweep.findings,
        warnings=warnings,
        measures={"removed": float(sweep.total)},
    )


def _preload() -> None:
    from connectors.pii import preload

    preload(get_settings().preload_languages)


KIND = StepKind(
    name="redact",
    title=N_("Redact"),
    description=N_("Removes personal data and texts of your choice from the document, and proves that they are gone."),
    icon="ink_eraser",
    parameters=RedactStep,
    run=redact,
    step_class=StepClass.ACTION,
    service=Service.REDACTION,
    role="Redaction User",
    accepts=frozenset({DOCX, PDF, TXT, PNG, JPEG, TIFF}),
    example=StepExample(
        RedactStep(
            language="en",
            pii=("PERSON", "EMAIL_ADDRESS", "IBAN_CODE"),
            custom_texts=(CustomTextEntry(text="Bluebird", mode=MatchMode.WHOLE_WORD),),
        ),
        letter_docx,
    ),
    preload=_preload,
)
