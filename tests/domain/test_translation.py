"""Translating without a solution: the terms, the footer of the organization, the deliveries and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.errors import PressroomError
from connectors.settings import get_settings
from domain.audit.models import AuditEvent
from domain.federation.models import AuthenticationProvider, ProviderKind, Slot
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import Organization
from domain.organizations.permissions import Permission
from domain.organizations.roles import Role
from domain.runs.models import TRANSLATION, Run, RunState
from domain.runs.service import HandIn, get_run, run_again, start_run
from domain.solutions.service import create_solution
from domain.translation.service import (
    TranslationDelivery,
    TranslationOrder,
    start_translation,
    translation_offer,
)
from domain.translation.settings import TranslationSettings, change_translation_settings, get_translation_settings
from domain.translation.terms import TERMS_VERSION, accept_terms
from steps.samples import letter_docx, letter_pdf, letter_txt
from tests.domain.test_rules import DOWNLOAD, TRANSLATE, solution
from tests.support.people import person
from tests.support.quotas import customer_of, give, partner_of, person_of

SPANISH = TranslationOrder(source_language="en", target_languages=("es",), terms_version=TERMS_VERSION)
QUEUE = replace(SPANISH, delivery=TranslationDelivery.PRINT_QUEUE)
FOOTER = TranslationSettings(add_footer=True, footer_text=" For internal use ")


@pytest.fixture
def translator(administrator: Actor) -> Actor:
    """Somebody with the one role that translation takes (TR-2)."""
    return person(administrator, "ann@pressroom.example", Role.TRANSLATION_USER)


@pytest.fixture
def letter(tmp_path: Path) -> HandIn:
    path = letter_docx(tmp_path)
    return HandIn(path, path.name)


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(PressroomError) as refused:
        call()
    return refused.value.code


def steps(actor: Actor, hand_in: HandIn, order: TranslationOrder = SPANISH) -> list[str]:
    """The kinds of the steps that a translation has, in their order."""
    return [step.kind for step in start_translation(actor, hand_in, order).plan]


def nothing_was_kept(actor: Actor) -> bool:
    with actor.session(read_only=True) as session:
        is_empty = session.scalars(select(Run.id)).first() is None
    folder = get_settings().home / "documents" / actor.organization_id
    return is_empty and not [path for path in folder.rglob("*") if path.is_file()]


def federate(actor: Actor) -> None:
    """Let the organization's people sign in at an identity provider."""
    with actor.session() as session:
        session.add(AuthenticationProvider(slot=Slot.ACTIVE, kind=ProviderKind.OIDC, configuration={}))


def change_entitlements(actor: Actor, *, without: str) -> None:
    with actor.session() as session:
        organization = session.get_one(Organization, actor.organization_id)
        organization.entitlements = [one for one in organization.entitlements if one != without]


def test_the_role_alone_is_enough_to_translate_and_to_follow_it(translator: Actor, letter: HandIn) -> None:
    """TR-1, TR-2, TR-31, TR-32, TR-35: a document, its language, a target; it becomes a run that one may follow."""
    run = start_translation(translator, letter, SPANISH)
    assert (run.solution_id, run.solution_name, run.original.name) == (TRANSLATION, "Translation", "letter.docx")
    assert [(step.kind, step.parameters) for step in run.plan] == [
        ("translate", {"source_language": "en", "target_languages": ["es"]}),
        ("download", {}),
    ]
    assert translator.may(Permission.RUNS_FOLLOW)
    assert not translator.may(Permission.SOLUTIONS_RUN)
    assert get_run(translator, run.id).run.state.value == "QUEUED"


def test_a_token_for_translations_lets_one_follow_them(translator: Actor) -> None:
    for scope in (Permission.TRANSLATION_USE, Permission.SOLUTIONS_RUN, Permission.RUNS_FOLLOW):
        assert replace(translator, scopes=frozenset({scope.value})).may(Permission.RUNS_FOLLOW)
    assert not replace(translator, scopes=frozenset({Permission.OWN_ACCOUNT.value})).may(Permission.RUNS_FOLLOW)


def test_running_again_takes_what_running_took(administrator: Actor, translator: Actor, letter: HandIn) -> None:
    """SC-113: who may follow a run of a solution by now, and start translations alone, does not start it anew."""
    both = person(administrator, "eve@pressroom.example", Role.TRANSLATION_USER, Role.SOLUTIONS_USER)
    made = create_solution(administrator, solution(DOWNLOAD).model_copy(update={"share_with_organization": True}))
    runs = [start_run(both, made.id, letter).id, start_translation(both, letter, SPANISH).id]
    with both.session() as session:
        for one in runs:
            session.get_one(Run, one).state = RunState.FAILED
    follower = replace(both, roles=both.roles - {Role.SOLUTIONS_USER.value})
    assert follower.may(Permission.RUNS_FOLLOW)
    assert code_of(lambda: run_again(follower, runs[0])) == "role.missing"
    assert run_again(follower, runs[1]).state == RunState.QUEUED
    assert run_again(both, runs[0]).state == RunState.QUEUED


def test_it_takes_the_role_and_the_service(administrator: Actor, translator: Actor, letter: HandIn) -> None:
    """TR-2, TR-4: the role Translation User, which counts only where the organization has the service (TR-E08)."""
    somebody = person(administrator, "joe@pressroom.example", Role.SOLUTIONS_USER)
    assert code_of(lambda: start_translation(somebody, letter, SPANISH)) == "role.missing"
    change_entitlements(administrator, without="translation")
    assert code_of(lambda: start_translation(actor_of_user(translator.user_id), letter, SPANISH)) == "role.missing"
    assert nothing_was_kept(administrator)


def test_the_terms_come_first_and_are_recorded(translator: Actor, letter: HandIn) -> None:
    """TR-30, TR-45: who accepted which version, and when; without it nothing is translated (TR-E01)."""
    for version in ("", "1999-01-01"):
        order = replace(SPANISH, terms_version=version)
        assert code_of(lambda order=order: start_translation(translator, letter, order)) == "translation.terms"
        assert code_of(lambda version=version: accept_terms(translator, version)) == "translation.terms"
    assert nothing_was_kept(translator)
    accept_terms(translator, TERMS_VERSION)
    accept_terms(translator, TERMS_VERSION)
    with translator.session(read_only=True) as session:
        query = select(AuditEvent).where(AuditEvent.action == "translation.terms_accepted")
        found = session.scalars(query).all()
    assert [(event.user_id, event.facts) for event in found] == [(translator.user_id, {"version": TERMS_VERSION})] * 2
    assert all(event.at is not None for event in found)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"target_languages": ()}, "translate.no_target"),
        ({"target_languages": ("es", "fr", "de", "it", "pt-PT", "sv")}, "translate.too_many_targets"),
        ({"target_languages": ("es", "en")}, "translate.source_is_target"),
        ({"target_languages": ("xx",)}, "translate.language_unknown"),
    ],
)
def test_one_to_five_targets_other_than_the_source(
    translator: Actor, letter: HandIn, values: dict[str, object], code: str
) -> None:
    """TR-24, TR-33 (TR-E09)."""
    order = replace(SPANISH, **values)  # type: ignore[arg-type]
    assert code_of(lambda: start_translation(translator, letter, order)) == code
    assert nothing_was_kept(translator)


def test_the_source_is_detected_unless_one_is_chosen(translator: Actor, letter: HandIn) -> None:
    """TR-23, TR-32."""
    order = TranslationOrder(target_languages=("es",), terms_version=TERMS_VERSION)
    assert start_translation(translator, letter, order).plan[0].parameters["source_language"] == "auto"


def test_each_delivery_is_the_one_step_after_the_translation(translator: Actor, letter: HandIn) -> None:
    """TR-34, TR-40, TR-41, TR-44: download, or e-mail to the account's own address, which cannot be another."""
    assert translation_offer(translator).deliveries == (TranslationDelivery.DOWNLOAD, TranslationDelivery.EMAIL)
    mailed = start_translation(translator, letter, replace(SPANISH, delivery=TranslationDelivery.EMAIL))
    assert [(step.kind, step.parameters) for step in mailed.plan[1:]] == [("email", {"send_me_a_copy": True})]


def test_the_print_queue_takes_federation_and_cloud_printing(administrator: Actor, letter: HandIn) -> None:
    """TR-42 (TR-E10)."""
    printer = person(administrator, "ann@pressroom.example", Role.TRANSLATION_USER, Role.PRINT_RELEASE_USER)
    assert TranslationDelivery.PRINT_QUEUE not in translation_offer(printer).deliveries
    assert code_of(lambda: start_translation(printer, letter, QUEUE)) == "translation.queue_not_offered"
    federate(administrator)
    assert TranslationDelivery.PRINT_QUEUE in translation_offer(printer).deliveries
    assert steps(printer, letter, QUEUE) == ["translate", "print_queue"]
    without_queue = person(administrator, "joe@pressroom.example", Role.TRANSLATION_USER)
    assert TranslationDelivery.PRINT_QUEUE not in translation_offer(without_queue).deliveries
    assert code_of(lambda: start_translation(without_queue, letter, QUEUE)) == "role.missing"
    change_entitlements(administrator, without="print_cloud")
    again = actor_of_user(printer.user_id)
    assert TranslationDelivery.PRINT_QUEUE not in translation_offer(again).deliveries
    assert code_of(lambda: start_translation(again, letter, QUEUE)) == "translation.queue_not_offered"


def test_what_cannot_be_printed_is_refused_before_it_is_charged(administrator: Actor, tmp_path: Path) -> None:
    """TR-28, TR-43: letters that printers lack, in Word documents; and kinds of files that no printer takes."""
    federate(administrator)
    printer = person(administrator, "ann@pressroom.example", Role.TRANSLATION_USER, Role.PRINT_RELEASE_USER)
    word, text, page = letter_docx(tmp_path), letter_txt(tmp_path), tmp_path / "page.html"
    page.write_text("<html><body><p>Good morning</p></body></html>")
    hindi = replace(QUEUE, target_languages=("es", "hi"))
    assert code_of(lambda: start_translation(printer, HandIn(word, word.name), hindi)) == "print.language"
    assert code_of(lambda: start_translation(printer, HandIn(page, page.name), QUEUE)) == "translation.not_printable"
    assert nothing_was_kept(printer)
    assert steps(printer, HandIn(text, text.name), hindi) == ["translate", "print_queue"]


def test_only_administrators_change_the_footer_which_is_for_everybody(
    administrator: Actor, translator: Actor, letter: HandIn
) -> None:
    """TR-3, TR-50, TR-51, TR-52, TR-54; it reaches no solution, nor any panel (TR-56, TR-75, SC-81c)."""
    boss = person(administrator, "boss@pressroom.example", Role.TRANSLATION_ADMINISTRATOR)
    assert code_of(lambda: change_translation_settings(translator, FOOTER)) == "role.missing"
    assert code_of(lambda: get_translation_settings(translator)) == "role.missing"
    empty = FOOTER.model_copy(update={"footer_text": ""})
    assert code_of(lambda: change_translation_settings(boss, empty)) == "translation.footer_empty"
    assert steps(translator, letter) == ["translate", "download"]
    saved = change_translation_settings(boss, TranslationSettings.model_validate(FOOTER.model_dump()), 0)
    assert (saved.settings.footer_text, saved.version) == ("For internal use", 1)
    assert code_of(lambda: change_translation_settings(boss, FOOTER, 0)) == "translation.settings_changed_meanwhile"
    for anybody in (translator, administrator):
        run = start_translation(anybody, letter, SPANISH)
        assert [step.kind for step in run.plan] == ["translate", "footer", "download"]
        assert run.plan[1].parameters == {"text": "For internal use"}
        assert translation_offer(anybody).takes_docx_only
    solution_id = create_solution(administrator, solution(TRANSLATE, DOWNLOAD)).id
    assert [step.kind for step in start_run(administrator, solution_id, letter).plan] == ["translate", "download"]
    with pytest.raises(ValueError, match="at most 512"):
        TranslationSettings(footer_text="x" * 513)


def test_a_footer_that_is_translated_comes_before_the_translation(administrator: Actor, letter: HandIn) -> None:
    """TR-53."""
    change_translation_settings(administrator, FOOTER.model_copy(update={"translate_footer": True}))
    assert steps(administrator, letter) == ["footer", "translate", "download"]


@pytest.mark.parametrize("translated", [False, True])
def test_with_the_footer_only_word_documents_are_taken(
    administrator: Actor, letter: HandIn, tmp_path: Path, *, translated: bool
) -> None:
    """TR-14, TR-55 (TR-E05), and no French (Canada), of which no Word document may come (TR-13, TR-E06)."""
    change_translation_settings(administrator, FOOTER.model_copy(update={"translate_footer": translated}))
    for path in (letter_pdf(tmp_path), letter_txt(tmp_path)):
        found = code_of(lambda path=path: start_translation(administrator, HandIn(path, path.name), SPANISH))
        assert found == "translation.footer_needs_docx"
    canadian = replace(SPANISH, source_language="fr-CA")
    assert code_of(lambda: start_translation(administrator, letter, canadian)) == "translation.footer_french_canada"
    assert nothing_was_kept(administrator)
    assert "translate" in steps(administrator, letter)


def test_documents_above_40_mb_are_refused(translator: Actor, tmp_path: Path) -> None:
    """TR-11 (TR-E03)."""
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate((40 << 20) + 1)
    assert code_of(lambda: start_translation(translator, HandIn(large, large.name), SPANISH)) == "document.too_large"


def test_other_kinds_of_files_are_refused(translator: Actor, tmp_path: Path) -> None:
    """TR-10 (TR-E02)."""
    from steps.samples import scan_png

    picture = scan_png(tmp_path)
    found = code_of(lambda: start_translation(translator, HandIn(picture, picture.name), SPANISH))
    assert found == "document.input_format"
    assert nothing_was_kept(translator)


def test_each_target_takes_pages_which_are_asked_for_before_the_start(administrator: Actor, letter: HandIn) -> None:
    """TR-5, TR-60, TR-62, TR-63, TR-64 (TR-E07): the organization's pages are there for all, one at least a target."""
    partner = partner_of(administrator)
    customer = customer_of(partner, "Northwind")
    ann = person_of(customer, "ann@northwind.example", Role.TRANSLATION_USER)
    two = replace(SPANISH, target_languages=("es", "fr"))
    assert code_of(lambda: start_translation(ann, letter, SPANISH)) == "quota.missing"
    give(partner, customer, translation=1)
    assert code_of(lambda: start_translation(ann, letter, two)) == "quota.exhausted"
    assert nothing_was_kept(ann)
    assert steps(ann, letter, SPANISH) == ["translate", "download"]
