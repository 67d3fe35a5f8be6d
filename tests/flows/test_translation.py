"""Translations of no solution, with the real steps: what comes out, with and without the organization's footer."""

import zipfile
from collections.abc import Iterator, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path

import docx
import pytest

from connectors.documents.document import Document
from domain.organizations.actor import Actor
from domain.organizations.roles import Role
from domain.runs.documents import open_document, pack_downloads
from domain.runs.execution import begin_step, claim, complete_step, finish, renew
from domain.runs.models import RunState
from domain.runs.service import HandIn, get_run
from domain.runs.views import RunDetails
from domain.translation.service import TranslationOrder, start_translation
from domain.translation.settings import TranslationSettings, change_translation_settings
from domain.translation.terms import TERMS_VERSION
from flows.lease import Lease
from flows.step_context import RunContext
from steps.registry import step_kind
from steps.samples import letter_docx
from tests.support.installation import Installation, installed
from tests.support.people import person

FOOTER_TEXT = "Please send the signed receipt."


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        yield one


@pytest.fixture
def ann(installation: Installation) -> Actor:
    return person(installation.administrator, "ann@pressroom.example", Role.TRANSLATION_USER)


def translated(actor: Actor, folder: Path, *targets: str) -> RunDetails:
    """The letter's translations, made as a worker makes them, without an engine around it."""
    path = letter_docx(folder)
    order = TranslationOrder(source_language="en", target_languages=targets, terms_version=TERMS_VERSION)
    run = start_translation(actor, HandIn(path, path.name), order)
    work = claim(run.id, "worker:1")
    assert work is not None
    documents: Sequence[tuple[str, Document]] = [("0", work.original)]
    with Lease(run.id, partial(renew, work)) as lease:  # type: ignore[arg-type]
        for planned in work.plan:
            kind, made = step_kind(planned.kind), list[tuple[str, Document]]()
            for branch, document in documents:
                assert begin_step(work, planned, branch, document) is None
                with RunContext(work, planned, branch, document, actor, lease) as context:
                    result = kind.run(document, kind.parameters.model_validate(planned.parameters), context)
                complete_step(work, planned, branch, result)
                made += [(f"{branch}.{number}", one) for number, one in enumerate(result.documents)]
            documents = made
    finish(work, RunState.COMPLETED)
    return get_run(actor, run.id)


def words(actor: Actor, details: RunDetails, document: Document) -> tuple[str, str]:
    """The text of a Word document's body, and of its footer."""
    with open_document(actor, details.run.id, document.key) as (_document, stream):
        word = docx.Document(BytesIO(stream.read()))
        footer = word.sections[0].footer
        return tuple("\n".join(line.text for line in part.paragraphs) for part in (word, footer))  # type: ignore[return-value]


def test_each_target_is_a_file_and_all_of_them_a_zip(ann: Actor, tmp_path: Path) -> None:
    """TR-40, TR-46: `<base>_<language>.<ext>`, one by one or packed together; no footer while it is off."""
    details = translated(ann, tmp_path, "es", "fr")
    assert [document.name for document in details.downloads] == ["letter_es.docx", "letter_fr.docx"]
    spanish, footer = words(ann, details, details.downloads[0])
    assert "entrega" in spanish
    assert footer == ""
    name, path = pack_downloads(ann, details.run.id)
    try:
        assert name == "letter.zip"
        with zipfile.ZipFile(path) as archive:
            assert archive.namelist() == ["letter_es.docx", "letter_fr.docx"]
            with open_document(ann, details.run.id, details.downloads[1].key) as (_document, stream):
                assert archive.read("letter_fr.docx") == stream.read()
    finally:
        path.unlink()


@pytest.mark.parametrize("is_translated", [False, True])
def test_the_footer_is_on_the_translation_as_it_is_or_translated(
    installation: Installation, ann: Actor, tmp_path: Path, *, is_translated: bool
) -> None:
    """TR-51, TR-53."""
    settings = TranslationSettings(add_footer=True, footer_text=FOOTER_TEXT, translate_footer=is_translated)
    change_translation_settings(installation.administrator, settings)
    details = translated(ann, tmp_path, "es")
    (document,) = details.downloads
    assert document.name == "letter_es.docx"
    body, footer = words(ann, details, document)
    assert "entrega" in body
    assert (footer == FOOTER_TEXT) != is_translated
    assert ("recibo" in footer) == is_translated
