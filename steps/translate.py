"""The step “Translate” (SC-81): one translated document for each target language, formatting kept.

Everything happens on this machine: engines from `connectors.translation`, file formats from `steps.translation`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Self

from pydantic import Field, field_validator, model_validator

from connectors.documents.document import Document
from connectors.errors import Fault, PressroomError
from connectors.messages import N_, Message
from connectors.office import convert
from connectors.settings import get_settings
from connectors.translation import AUTO, Language, Route, detect_language, find_language, language, translation_engines
from connectors.translation.languages import UNKNOWN_LANGUAGE
from connectors.translation.protection import translatable
from connectors.value_problems import invalid
from steps.contract import (
    PDF,
    Finding,
    Service,
    StepClass,
    StepContext,
    StepExample,
    StepKind,
    StepParameters,
    StepReport,
    StepResult,
)
from steps.samples import letter_docx
from steps.translation.formats import MEDIA_TYPES, Prepared, output_format, output_media_type, prepare
from steps.translation.passages import OpenFile
from steps.translation.pdf_text import NO_TEXT
from steps.translation.translator import Outcome, translate_passages

MOST_TARGETS = 5
MOST_BYTES = 40 << 20
"""TR-11, SC-99b."""

NO_TARGET = Fault(
    "translate.no_target",
    422,
    N_("No language to translate to was chosen."),
    N_("Choose one to five target languages."),
    spec="TR-E09",
)
SAME_LANGUAGE = Fault(
    "translate.same_language",
    422,
    N_("“{name}” is already in {language}, the language it should be translated to."),
    N_("Choose another target language, or set the source language if it was detected wrongly."),
)
TOO_MANY_TARGETS = Fault(
    "translate.too_many_targets",
    422,
    N_("{count} target languages are too many: {limit} are the most."),
    N_("Remove some, or translate in two runs."),
    spec="SC-E07",
)
SOURCE_IS_TARGET = Fault(
    "translate.source_is_target",
    422,
    N_("The source language is one of the target languages."),
    N_("Choose another target language, or another source language."),
)
TOO_LARGE = Fault(
    "translate.too_large",
    413,
    N_("“{name}” has {size} MB; 40 MB are the most that can be translated."),
    N_("Make its pictures smaller or split it, and hand it in again."),
    spec="TR-E03",
)


class TranslateStep(StepParameters):
    """What to translate from and to. Targets may stay open until the run (SC-93)."""

    source_language: str = Field(
        AUTO,
        title=N_("Source language"),
        description=N_("The language the document is in, or “auto” to detect it."),
        json_schema_extra={"widget": "language"},
    )
    target_languages: tuple[str, ...] = Field(
        (),
        title=N_("Target languages"),
        description=N_("One to five languages. Each gives a document of its own."),
        json_schema_extra={"widget": "languages"},
    )

    @field_validator("source_language")
    @classmethod
    def _known_source(cls, value: str) -> str:
        return AUTO if value.casefold() == AUTO else _code(value)

    @field_validator("target_languages")
    @classmethod
    def _known_targets(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        """Duplicates are dropped before they are counted (TR-24, TR-26, SC-E07)."""
        codes = tuple(dict.fromkeys(_code(value) for value in values))
        if len(codes) > MOST_TARGETS:
            raise invalid(TOO_MANY_TARGETS(count=len(codes), limit=MOST_TARGETS))
        return codes

    @model_validator(mode="after")
    def _source_is_no_target(self) -> Self:
        if self.source_language in self.target_languages:
            raise invalid(SOURCE_IS_TARGET())
        return self

    def unready(self) -> PressroomError | None:
        return None if self.target_languages else NO_TARGET()


def _code(value: str) -> str:
    found = find_language(value)
    if found is None:
        raise invalid(UNKNOWN_LANGUAGE(language=value))
    return found.code


def translate(document: Document, step: TranslateStep, context: StepContext) -> StepResult:
    """Translate `document` into every target; the results carry their language and are named for it (TR-46).

    Nothing is stored unless all targets succeed. Raises the faults `translate.…` and `office.…`.
    """
    if (still_open := step.unready()) is not None:
        raise still_open
    if document.size > MOST_BYTES:
        raise TOO_LARGE(name=document.name, size=round(document.size / (1 << 20), 1))
    prepared = prepare(document, context.fetch(document), context.scratch, context.settings)
    original = prepared.open("und", context.settings)
    texts = [passage.text for passage in original.passages() if translatable(passage.text)]
    source = _source_language(document, step, original, texts)
    routes, skipped = _routes(document, step, source, context)
    context.measured(sum(len(text.strip()) for text in texts), [route.target for route in routes])
    made = [_translate_to(route, place, len(routes), prepared, context) for place, route in enumerate(routes)]
    results = [_store(document, translation, context) for translation in made]
    return StepResult(
        documents=tuple(results),
        report=_report(source, made, (*prepared.warnings, *original.warnings, *skipped)),
        characters=sum(translation.outcome.characters for translation in made),
        characters_by_target={translation.route.target: translation.outcome.characters for translation in made},
    )


@dataclass(frozen=True, slots=True)
class Translation:
    """A translated file in the scratch folder, not yet stored."""

    route: Route
    path: Path
    outcome: Outcome


def _source_language(document: Document, step: TranslateStep, original: OpenFile, texts: Sequence[str]) -> Language:
    """The chosen language, else what is known of the document, else what its text looks like (TR-23, TR-27)."""
    if not texts:
        raise NO_TEXT(name=document.name)
    if step.source_language != AUTO:
        return language(step.source_language)
    for known in (document.language, original.language):
        if known and (found := find_language(known)) is not None:
            return found
    return detect_language(texts, document.name)


def _routes(
    document: Document, step: TranslateStep, source: Language, context: StepContext
) -> tuple[list[Route], list[Message]]:
    """A route for each target. A target that turns out to be the source is left out and said so (TR-26)."""
    engines = translation_engines(context.settings)
    targets = [code for code in step.target_languages if code != source.code]
    if not targets:
        raise SAME_LANGUAGE(name=document.name, language=source.english_name)
    template = N_("The document is already in {language}: it was not translated into that language.")
    same = Message(template=template, facts={"language": source.english_name})
    skipped = [same] if len(targets) < len(step.target_languages) else []
    return [engines.route(source.code, target) for target in targets], skipped


def _translate_to(route: Route, place: int, count: int, prepared: Prepared, context: StepContext) -> Translation:
    """Translate the prepared file over one route; progress is in parts of a thousand for each target."""
    template = N_("Translating into {language}")
    message = Message(template=template, facts={"language": language(route.target).english_name})

    def show(done: int, total: int) -> None:
        context.progress(1000 * place + 1000 * done // max(total, 1), 1000 * count, message)

    show(0, 1)
    file = prepared.open(route.target, context.settings)
    outcome = translate_passages(list(file.passages()), route, prepared.name, show)
    path = context.scratch / f"translated-{place}{prepared.path.suffix}"
    file.save(path, route.target)
    show(1, 1)
    return Translation(route, path, outcome)


def _store(document: Document, translation: Translation, context: StepContext) -> Document:
    """Keep a translation under `<base>_<language>.<ext>`, as PDF where DOCX must not come out (TR-13, TR-15)."""
    route, path = translation.route, translation.path
    extension, media_type = output_format(document.name, document.media_type, route.source)
    if media_type == PDF and path.suffix != ".pdf":
        path = convert(path, "pdf", context.scratch, context.settings.office_timeout_seconds)
    name = f"{PurePath(document.name).stem}_{route.target}.{extension}"
    return context.store(path, name, media_type, language=route.target)


def _report(source: Language, made: list[Translation], warnings: Iterable[Message]) -> StepReport:
    """What was translated over which route by which engine, and what people should know of it."""
    names = [language(translation.route.target).english_name for translation in made]
    each = [warning for name, one in zip(names, made, strict=True) for warning in one.outcome.warnings(name)]
    return StepReport(
        summary=Message(
            template=N_("Translated from {source} into {targets}."),
            facts={"source": source.english_name, "targets": ", ".join(names)},
        ),
        findings=tuple(
            Finding(what=one.route.path, count=one.outcome.passages, where=one.route.engines) for one in made
        ),
        warnings=(*warnings, *each),
        measures={
            "characters": sum(one.outcome.characters for one in made),
            "unknown_words": sum(one.outcome.unknown_words for one in made),
        },
    )


def _preload() -> None:
    from connectors.translation import preload

    preload(get_settings())


def _warm() -> None:
    from connectors.translation import warm

    warm(get_settings())


KIND = StepKind(
    name="translate",
    title=N_("Translate"),
    description=N_("Translates the document into up to five languages and keeps its formatting."),
    icon="translate",
    parameters=TranslateStep,
    run=translate,
    step_class=StepClass.ACTION,
    example=StepExample(TranslateStep(source_language="en", target_languages=("es",)), letter_docx),
    service=Service.TRANSLATION,
    role="Translation User",
    accepts=MEDIA_TYPES,
    output=lambda step, media_type: output_media_type(media_type, step.source_language),
    preload=_preload,
    warm=_warm,
    targets=lambda step: step.target_languages,
)
