"""Translation without a solution: its terms, its settings, and documents handed in (TR-1, TR-30…TR-56)."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from connectors.documents.inspection import DAMAGED_FILE, EMPTY, ENCRYPTED, UNSUPPORTED, WRONG_EXTENSION, ZIP_BOMB
from connectors.errors import Fault
from connectors.messages import N_
from connectors.settings import get_settings
from connectors.translation.languages import UNKNOWN_LANGUAGE
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.quotas.checks import NOT_ENTITLED
from domain.quotas.standing import QUOTA_REFUSALS
from domain.runs.models import ClientType
from domain.runs.planning import INPUT_FORMAT, MB, TOO_LARGE, TRANSLATE_LIMIT
from domain.runs.service import HandIn
from domain.texts.catalogue import translate
from domain.translation import settings as saved
from domain.translation.faults import FOOTER_FRENCH_CANADA, FOOTER_NEEDS_DOCX, NOT_PRINTABLE, QUEUE_NOT_OFFERED
from domain.translation.service import TranslationDelivery, TranslationOrder, start_translation, translation_offer
from domain.translation.settings import FOOTER_EMPTY, NOT_SAVED, TranslationSettings, TranslationSettingsView
from domain.translation.terms import TERMS, TERMS_NOT_ACCEPTED, TERMS_VERSION
from portal_api.access import needs
from portal_api.api.reader import ReaderLocale
from portal_api.api.run_models import RunPublic
from portal_api.multipart_form import BAD_FORM, FILE_MISSING
from portal_api.problems import documented
from portal_api.uploads import file_form, received_upload
from steps.printable import LANGUAGE_NOT_PRINTABLE
from steps.translate import MOST_TARGETS, NO_TARGET, SOURCE_IS_TARGET, TOO_MANY_TARGETS

router = APIRouter(tags=["translation"])
Translator = Annotated[Actor, needs(Permission.TRANSLATION_USE)]
Administrator = Annotated[Actor, needs(Permission.TRANSLATION_MANAGE)]

BAD_DELIVERY = Fault(
    "translation.bad_delivery",
    422,
    N_("“{delivery}” is no way of delivering a translation."),
    N_("Choose one of: {known}."),
    spec="TR-34",
)
START_FORM = file_form(
    "target_languages",
    "terms_version",
    source_language={"type": "string", "default": "auto", "description": "“auto” to detect it (TR-23)."},
    target_languages={"type": "string", "description": "One to five languages with commas between them (TR-24)."},
    delivery={"type": "string", "enum": [one.value for one in TranslationDelivery], "default": "download"},
    terms_version={
        "type": "string",
        "description": "The terms that the person accepts, as `GET /translation` tells them (TR-30).",
    },
)
REFUSALS = documented(
    TERMS_NOT_ACCEPTED,
    BAD_DELIVERY,
    QUEUE_NOT_OFFERED,
    FOOTER_NEEDS_DOCX,
    FOOTER_FRENCH_CANADA,
    NOT_PRINTABLE,
    LANGUAGE_NOT_PRINTABLE,
    NO_TARGET,
    TOO_MANY_TARGETS,
    SOURCE_IS_TARGET,
    UNKNOWN_LANGUAGE,
    TOO_LARGE,
    INPUT_FORMAT,
    UNSUPPORTED,
    FILE_MISSING,
    BAD_FORM,
    EMPTY,
    DAMAGED_FILE,
    ENCRYPTED,
    WRONG_EXTENSION,
    ZIP_BOMB,
    NOT_ENTITLED,
    *QUOTA_REFUSALS,
)


class TranslationOfferPublic(BaseModel):
    """What can be chosen, and the terms in the reader's language."""

    terms_version: str
    terms: list[str]
    deliveries: list[TranslationDelivery]
    takes_docx_only: bool = Field(description="The organization adds a footer, which takes Word documents (TR-14).")
    most_targets: int
    most_mb: int = Field(description="Of the document; what goes by e-mail may have 25 MB.")


class TranslationSettingsPublic(BaseModel):
    """The settings as they were saved."""

    settings: TranslationSettings
    version: int = Field(description="Counts changes.")

    @classmethod
    def of(cls, view: TranslationSettingsView) -> "TranslationSettingsPublic":
        return cls(settings=view.settings, version=view.version)


class TranslationSettingsChange(BaseModel):
    """All of the settings."""

    settings: TranslationSettings
    version: int | None = Field(None, ge=0, description="The settings are changed only if they still have this one.")


@router.get("/translation", operation_id="get_translation_offer")
def get_offer(actor: Translator, locale: ReaderLocale) -> TranslationOfferPublic:
    """What translation offers, and its terms. For the languages see `GET /translation-languages`."""
    offer = translation_offer(actor)
    return TranslationOfferPublic(
        terms_version=TERMS_VERSION,
        terms=[translate(one, locale) for one in TERMS],
        deliveries=list(offer.deliveries),
        takes_docx_only=offer.takes_docx_only,
        most_targets=MOST_TARGETS,
        most_mb=TRANSLATE_LIMIT // MB,
    )


@router.post(
    "/translations",
    operation_id="start_translation",
    status_code=202,
    openapi_extra=START_FORM,
    responses=REFUSALS,
)
async def start(request: Request, actor: Translator, locale: ReaderLocale, response: Response) -> RunPublic:
    """Hand in a document to be translated. It becomes a run; follow it at the address in Location."""
    async with received_upload(request, get_settings().scratch_folder, TRANSLATE_LIMIT) as upload:
        hand_in = HandIn(upload.path, upload.name, _client_type(request))
        run = await run_in_threadpool(start_translation, actor, hand_in, _order(upload.fields))
    request.state.run_id = run.id
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return RunPublic.of(run, locale)


@router.get("/translation/settings", operation_id="get_translation_settings")
def get_translation_settings(actor: Administrator) -> TranslationSettingsPublic:
    """The footer of translated files."""
    return TranslationSettingsPublic.of(saved.get_translation_settings(actor))


@router.put(
    "/translation/settings",
    operation_id="update_translation_settings",
    responses=documented(FOOTER_EMPTY, NOT_SAVED),
)
def update_translation_settings(actor: Administrator, given: TranslationSettingsChange) -> TranslationSettingsPublic:
    """Save the settings for everybody who translates in the organization."""
    return TranslationSettingsPublic.of(saved.change_translation_settings(actor, given.settings, given.version))


def _order(fields: dict[str, str]) -> TranslationOrder:
    targets = (one.strip() for one in fields.get("target_languages", "").split(","))
    delivery = fields.get("delivery", TranslationDelivery.DOWNLOAD.value)
    if delivery not in list(TranslationDelivery):
        raise BAD_DELIVERY(delivery=delivery[:64], known=", ".join(TranslationDelivery))
    return TranslationOrder(
        source_language=fields.get("source_language", "auto"),
        target_languages=tuple(filter(None, targets)),
        delivery=TranslationDelivery(delivery),
        terms_version=fields.get("terms_version", ""),
    )


def _client_type(request: Request) -> ClientType:
    return ClientType.API if "authorization" in request.headers else ClientType.BROWSER
