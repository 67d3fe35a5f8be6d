"""Translating a document of one's own: an ordinary run of the translation and its delivery (TR-1, TR-30…TR-46)."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from connectors.documents.document import Document
from connectors.messages import N_
from domain.federation.routing import is_federated
from domain.organizations.actor import Actor
from domain.organizations.entitlements import Entitlement
from domain.organizations.models import Organization
from domain.organizations.permissions import Permission
from domain.runs.models import TRANSLATION
from domain.runs.planning import short_type
from domain.runs.service import HandIn, Recipe, start_recipe
from domain.runs.views import RunView
from domain.solutions.definition import SolutionDefinition, StepDefinition
from domain.texts.catalogue import translate
from domain.translation.faults import FOOTER_FRENCH_CANADA, FOOTER_NEEDS_DOCX, NOT_PRINTABLE, QUEUE_NOT_OFFERED
from domain.translation.settings import TranslationSettings, translation_settings
from domain.translation.terms import check_accepted
from steps.contract import DOCX
from steps.printable import check_language
from steps.registry import step_kind
from steps.translate import TranslateStep

NAME = N_("Translation")
FRENCH_CANADA = "fr-CA"


class TranslationDelivery(StrEnum):
    """Where translations go: one way for each request (TR-34, TR-44)."""

    DOWNLOAD = "download"
    EMAIL = "email"
    PRINT_QUEUE = "print_queue"


DELIVERY_TITLES = {
    TranslationDelivery.DOWNLOAD: N_("Download"),
    TranslationDelivery.EMAIL: N_("E-mail"),
    TranslationDelivery.PRINT_QUEUE: N_("Send to cloud print queue"),
}
_DELIVERY_STEPS = {
    TranslationDelivery.DOWNLOAD: StepDefinition(kind="download"),
    TranslationDelivery.EMAIL: StepDefinition(kind="email", parameters={"send_me_a_copy": True}),
    TranslationDelivery.PRINT_QUEUE: StepDefinition(kind="print_queue"),
}


@dataclass(frozen=True, slots=True)
class TranslationOrder:
    """What is wanted: from which language, into which, and how it is delivered (TR-32…TR-34).

    `terms_version`: the terms that the person has accepted.
    """

    source_language: str = "auto"
    target_languages: tuple[str, ...] = ()
    delivery: TranslationDelivery = TranslationDelivery.DOWNLOAD
    terms_version: str = ""


@dataclass(frozen=True, slots=True)
class TranslationOffer:
    """What the person can choose. `takes_docx_only`: the organization's footer is on (TR-14)."""

    deliveries: tuple[TranslationDelivery, ...]
    takes_docx_only: bool


def translation_offer(actor: Actor) -> TranslationOffer:
    """What translation offers to `actor` where they work."""
    actor.need(Permission.TRANSLATION_USE)
    with actor.session(read_only=True) as session:
        has_queue = _has_queue(session, actor)
        settings = translation_settings(session, actor.organization_id)
    may_queue = has_queue and step_kind("print_queue").role in actor.roles
    deliveries = tuple(one for one in TranslationDelivery if may_queue or one is not TranslationDelivery.PRINT_QUEUE)
    return TranslationOffer(deliveries, settings.add_footer)


def start_translation(actor: Actor, hand_in: HandIn, order: TranslationOrder) -> RunView:
    """Check everything that can be known now, store the document and queue its translation (TR-35).

    Raises `TERMS_NOT_ACCEPTED` (TR-E01), the faults of `domain.translation.faults`, those of the step “Translate”, of
    the kinds of file that can be printed, or what `start_recipe` raises; nothing is kept and charged then (TR-64).
    """
    actor.need(Permission.TRANSLATION_USE)
    check_accepted(order.terms_version)
    with actor.session(read_only=True) as session:
        settings = translation_settings(session, actor.organization_id)
        if order.delivery is TranslationDelivery.PRINT_QUEUE and not _has_queue(session, actor):
            raise QUEUE_NOT_OFFERED()
    definition = composed(order, settings, translate(NAME, actor.locale))
    recipe = Recipe(TRANSLATION, 1, definition, lambda document: _check_document(document, order, settings))
    return start_recipe(actor, recipe, hand_in)


def composed(order: TranslationOrder, settings: TranslationSettings, name: str) -> SolutionDefinition:
    """The steps. A footer that is to be translated is added before the translation, any other after it (TR-53)."""
    values = {"source_language": order.source_language, "target_languages": list(order.target_languages)}
    steps = [StepDefinition(kind="translate", parameters=values)]
    if settings.add_footer:
        footer = StepDefinition(kind="footer", parameters={"text": settings.footer_text})
        steps.insert(0 if settings.translate_footer else 1, footer)
    return SolutionDefinition(name=name, steps=(*steps, _DELIVERY_STEPS[order.delivery]))


def _check_document(document: Document, order: TranslationOrder, settings: TranslationSettings) -> None:
    if settings.add_footer:
        if document.media_type != DOCX:
            raise FOOTER_NEEDS_DOCX(name=document.name)
        if order.source_language == FRENCH_CANADA:
            raise FOOTER_FRENCH_CANADA()
    if order.delivery is TranslationDelivery.PRINT_QUEUE:
        _check_printable(document, order)


def _check_printable(document: Document, order: TranslationOrder) -> None:
    """Refuse before the work what the print queue would refuse after it (TR-28, TR-43)."""
    step = TranslateStep(source_language=order.source_language, target_languages=order.target_languages)
    kind = step_kind("translate")
    media_type = kind.output(step, document.media_type) if kind.output else document.media_type
    if media_type not in step_kind("print_queue").accepts:
        raise NOT_PRINTABLE(name=document.name, media_type=short_type(media_type))
    for target in step.target_languages:
        check_language(document.model_copy(update={"media_type": media_type, "language": target}))


def _has_queue(session: Session, actor: Actor) -> bool:
    """Whether translations can go to print queues here: with cloud print release, and a provider (TR-42)."""
    entitlements = session.get_one(Organization, actor.organization_id).entitlements
    return Entitlement.PRINT_CLOUD.value in entitlements and is_federated(session, actor.organization_id)
