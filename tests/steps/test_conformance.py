"""One suite over every registered step kind, ours and third parties': what `steps.contract` promises to the engine.

Each kind runs its own example, in surroundings where its receiver is a real one: a mail server, a printer, a folder.
"""

import hashlib
import inspect
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.documents.document import Document
from connectors.documents.media_types import EXTENSIONS, extension_of, media_type_of
from connectors.errors import PressroomError
from connectors.settings import Settings
from steps.contract import (
    CANCELLED,
    DELIVERY_UNCERTAIN,
    FORMAT_REFUSED,
    DeliveryState,
    Service,
    StepClass,
    StepKind,
    StepParameters,
    StepResult,
    StorageAccount,
    Surface,
)
from steps.local_context import LocalContext
from steps.registry import UNKNOWN_STEP, step_kind, step_kinds
from steps.samples import LETTER
from tests.support.ipp_printer import dns_sd, ipp_printer
from tests.support.mail_server import mail_server

HEAVY = frozenset(
    {"PIL", "argostranslate", "ctranslate2", "docx", "httpx", "minio", "numpy", "openpyxl"}
    | {"pikepdf", "pptx", "prefect", "presidio_analyzer", "pypdf", "pypdfium2", "pytesseract", "re2", "reportlab"}
    | {"sentencepiece", "spacy", "thinc", "torch"}
)
PRIVATE = ("Lindqvist", "Johnson", "Bluebird", "Gothenburg", "4111", "3704", "catalogues", "maria.", "Northwind")
"""Words of the example letter, which a report must not repeat."""

TEST_DATA = Path(os.environ.get("PRESSROOM_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))

kinds = pytest.mark.parametrize("kind", step_kinds().values(), ids=lambda kind: kind.name)


@dataclass
class Surroundings:
    """Where a step works: its context, and how often its receiver got the document, where there is a receiver."""

    context: LocalContext
    received: Callable[[], int] | None = None


@dataclass
class Performance:
    """A step kind's example, run to its end; a destination a second time."""

    kind: StepKind[Any]
    surroundings: Surroundings
    document: Document
    result: StepResult
    shown: list[tuple[int, int]] = field(default_factory=list)


@contextmanager
def mail_surroundings(folder: Path) -> Iterator[Surroundings]:
    with mail_server() as mailbox:
        yield Surroundings(LocalContext(folder, settings=mailbox.settings()), lambda: len(mailbox.envelopes))


@contextmanager
def printer_surroundings(folder: Path) -> Iterator[Surroundings]:
    with dns_sd() as environment, ipp_printer(folder / "printer", environment) as device:
        yield Surroundings(LocalContext(folder, printer=device.address), lambda: len(device.printed()))


@contextmanager
def queue_surroundings(folder: Path) -> Iterator[Surroundings]:
    context = LocalContext(folder)
    yield Surroundings(context, lambda: len(context.held))


@contextmanager
def storage_surroundings(folder: Path) -> Iterator[Surroundings]:
    root = folder / "cloud"
    root.mkdir(parents=True)
    account = StorageAccount("folder", "tests", {"root": str(root)}, {}, lambda secrets: None)
    context = LocalContext(folder, settings=Settings(_env_file=None, storage_folder=root), accounts={"folder": account})
    yield Surroundings(context, lambda: sum(path.is_file() for path in root.rglob("*")))


@contextmanager
def plain_surroundings(folder: Path) -> Iterator[Surroundings]:
    yield Surroundings(LocalContext(folder))


RECEIVERS = {
    "email": mail_surroundings,
    "print_document": printer_surroundings,
    "print_queue": queue_surroundings,
    "cloud_storage": storage_surroundings,
}


def surroundings_of(kind: StepKind[Any], folder: Path) -> Any:
    return RECEIVERS.get(kind.name, plain_surroundings)(folder)


def example_document(kind: StepKind[Any], surroundings: Surroundings) -> Document:
    folder = surroundings.context.folder / "example"
    folder.mkdir()
    path = kind.example.make_document(folder)
    return surroundings.context.take_in(path, media_type_of(path, path.name))


@pytest.fixture(scope="module", params=step_kinds().values(), ids=lambda kind: kind.name)
def performance(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Performance]:
    kind: StepKind[Any] = request.param
    with surroundings_of(kind, tmp_path_factory.mktemp(kind.name)) as surroundings:
        if kind.name == "translate":
            surroundings.context.settings = translation_settings(surroundings.context.folder)
        document = example_document(kind, surroundings)
        context: LocalContext = surroundings.context
        result = kind.run(document, kind.example.parameters, context)
        shown = list(context.steps_shown)
        if kind.step_class is StepClass.DESTINATION:
            result = kind.run(document, kind.example.parameters, context)
        yield Performance(kind, surroundings, document, result, shown)


def translation_settings(home: Path) -> Settings:
    """Settings with an engine for English to Spanish, be it a package of the test material or Apertium."""
    from connectors.translation import Pair, translation_engines

    packages = TEST_DATA / "translation"
    settings = Settings(_env_file=None, home=home, translation_packages=packages if packages.is_dir() else None)
    if Pair("en", "es") not in translation_engines(settings).pairs:
        pytest.skip("no engine translates English to Spanish: install the package apertium-eng-spa")
    return settings


def test_the_example_runs_and_its_results_are_what_they_say(performance: Performance) -> None:
    kind, context = performance.kind, performance.surroundings.context
    assert isinstance(performance.result, StepResult)
    assert performance.result.documents
    for number, document in enumerate(performance.result.documents):
        copy = context.folder / f"result-{number}"
        stored = context.documents.stat(document.key)
        context.documents.fetch(document.key, copy, document.sha256)
        assert copy.stat().st_size == document.size == stored.size
        assert media_type_of(copy, document.name) == document.media_type == stored.media_type
        assert extension_of(document.name) in EXTENSIONS[document.media_type]
    if kind.step_class is StepClass.DESTINATION:
        assert performance.result.documents == (performance.document,)
    else:
        assert performance.document.key not in {document.key for document in performance.result.documents}


def test_the_result_has_the_announced_type(performance: Performance) -> None:
    kind, media_type = performance.kind, performance.document.media_type
    announced = kind.output(kind.example.parameters, media_type) if kind.output else media_type
    assert {document.media_type for document in performance.result.documents} == {announced}


def test_the_input_is_left_as_it_was(performance: Performance) -> None:
    context, document = performance.surroundings.context, performance.document
    fetched = context.fetch(document)
    assert hashlib.sha256(fetched.read_bytes()).hexdigest() == document.sha256


def test_progress_is_shown_and_true(performance: Performance) -> None:
    assert performance.shown
    assert all(0 <= done <= total and total > 0 for done, total in performance.shown)


def test_a_repeated_delivery_arrives_once(performance: Performance) -> None:
    """Also when the record says that an attempt was interrupted at the critical moment."""
    received = performance.surroundings.received
    if received is None:
        return
    context, kind = performance.surroundings.context, performance.kind
    assert context.deliveries
    assert {delivery.state for delivery in context.deliveries.values()} == {DeliveryState.DELIVERED}
    assert all(delivery.receipt for delivery in context.deliveries.values())
    assert received() == 1
    for delivery in context.deliveries.values():
        delivery.state = DeliveryState.COMMITTING
    try:
        kind.run(performance.document, kind.example.parameters, context)
    except PressroomError as error:
        assert error.fault is DELIVERY_UNCERTAIN  # noqa: PT017 — a success is as right
    assert received() == 1


def test_the_report_tells_nothing_of_the_document(performance: Performance) -> None:
    report = performance.result.report.model_dump_json()
    assert not [word for word in PRIVATE if word in report]
    assert performance.result.report.summary is not None


def test_a_metered_step_says_what_it_used(performance: Performance) -> None:
    used = performance.result.characters + performance.result.pages
    assert bool(used) == (performance.kind.service is not None)


def test_a_metered_step_told_before_the_work_how_much_it_is_and_is_charged_that(performance: Performance) -> None:
    """TR-64, SQ-68; only the reading itself tells how much there is to read (SQ-65)."""
    kind, result = performance.kind, performance.result
    told = performance.surroundings.context.characters_measured
    if kind.service in (None, Service.OCR):
        assert told == {}
        return
    targets = kind.targets(performance.kind.example.parameters) if kind.targets else ()
    assert told == (result.characters_by_target if targets else {"": result.characters})
    assert set(result.characters_by_target) <= set(targets)


@kinds
def test_cancelled_at_the_first_sign_of_progress(kind: StepKind[Any], tmp_path: Path) -> None:
    with surroundings_of(kind, tmp_path / "run") as surroundings:
        document = example_document(kind, surroundings)
        if kind.name == "translate":
            surroundings.context.settings = translation_settings(tmp_path)
        surroundings.context.cancel_after = 0
        with pytest.raises(PressroomError) as caught:
            kind.run(document, kind.example.parameters, surroundings.context)
        assert caught.value.fault is CANCELLED
        assert not surroundings.received or surroundings.received() == 0


@kinds
def test_a_wrong_type_is_refused_by_name(kind: StepKind[Any], tmp_path: Path) -> None:
    with plain_surroundings(tmp_path / "run") as surroundings:
        document = example_document(kind, surroundings)
    kind.check_format(document)
    strange = document.model_copy(update={"media_type": "application/x-unheard-of"})
    if not kind.accepts:
        kind.check_format(strange)
        return
    with pytest.raises(PressroomError) as caught:
        kind.check_format(strange)
    assert caught.value.fault is FORMAT_REFUSED


@kinds
def test_the_parameters_are_for_people_and_for_storing(kind: StepKind[Any]) -> None:
    example = kind.example.parameters
    assert isinstance(example, kind.parameters)
    assert issubclass(kind.parameters, StepParameters)
    assert example.unready() is None
    assert kind.parameters.model_validate(json.loads(example.model_dump_json())) == example
    for name, about in kind.parameters.model_fields.items():
        assert about.title, name
        assert about.description, name
        extra = about.json_schema_extra if isinstance(about.json_schema_extra, dict) else {}
        assert isinstance(extra.get("widget", ""), str), name
    assert kind.parameters.model_json_schema()["type"] == "object"
    with pytest.raises(ValidationError):
        kind.parameters.model_validate(example.model_dump() | {"unheard_of": 1})


@kinds
def test_the_kind_introduces_itself(kind: StepKind[Any]) -> None:
    assert kind.name.isidentifier()
    assert kind.title
    assert kind.description.endswith(".")
    assert kind.icon
    assert kind.surfaces <= frozenset(Surface)
    assert kind.surfaces
    assert kind.service is None or kind.role, "a metered service needs its role (SC-14…SC-16)"
    for documented in (sys.modules[kind.run.__module__], kind.run, kind.parameters):
        assert inspect.getdoc(documented)
    assert kind.parameters.__doc__ != StepParameters.__doc__


@kinds
def test_the_task_retries_transient_faults_only(kind: StepKind[Any]) -> None:
    assert kind.task.name == kind.name
    assert kind.task.fn is kind.run
    assert kind.task.retries
    assert kind.task.retry_condition_fn is not None


def test_names_find_their_kind() -> None:
    assert all(step_kind(name) is kind for name, kind in step_kinds().items())
    with pytest.raises(PressroomError) as caught:
        step_kind("unheard_of")
    assert caught.value.fault is UNKNOWN_STEP


def test_the_example_letter_holds_the_private_words() -> None:
    assert not [word for word in PRIVATE if word not in LETTER]


def test_the_registry_stays_light() -> None:
    """The portal validates parameters without loading engines: nothing heavy comes with the step kinds."""
    code = "import json, sys, steps.registry; steps.registry.step_kinds(); print(json.dumps(list(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    assert not HEAVY & {name.partition(".")[0] for name in json.loads(loaded)}
