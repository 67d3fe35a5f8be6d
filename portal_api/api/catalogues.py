"""What solutions can be made of: step kinds, personal data, languages and storage providers."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, JsonValue

from connectors.pii.catalogue import PiiEntity, catalogue
from connectors.pii.languages import languages as redaction_languages
from connectors.settings import get_settings
from connectors.storage import PROVIDERS, Provider
from connectors.translation.languages import AUTO, UNKNOWN_LANGUAGE, TargetLanguage, available_targets
from connectors.translation.routing import translation_engines
from domain.runs.planning import SERVICE_ROLES
from domain.storage_accounts.service import INSTALLATION_PROVIDERS, enabled_providers
from domain.texts.catalogue import language_name, territory_name, translate
from portal_api.access import Anyone
from portal_api.api.reader import SIGNED_IN, ReaderLocale
from portal_api.problems import documented
from steps.contract import Service, StepClass, StepKind, Surface
from steps.registry import UNKNOWN_STEP, step_kind, step_kinds

router = APIRouter(tags=["catalogues"])


class StepKindPublic(BaseModel):
    """A kind of step: what it does, where it works, whom it needs, and the JSON schema of its parameters."""

    name: str
    title: str
    description: str
    icon: str = Field(description="A name of Material Symbols.")
    step_class: StepClass
    surfaces: list[Surface]
    service: Service | None = Field(description="The metered service that it uses.")
    role: str | None = Field(description="The role that running it takes.")
    accepts: list[str] = Field(description="Media types it takes as the first step; empty: any.")
    parameters: dict[str, JsonValue] = Field(description="JSON schema with titles and widget hints.")

    @classmethod
    def of(cls, kind: StepKind[Any], locale: str) -> "StepKindPublic":
        return cls(
            name=kind.name,
            title=translate(kind.title, locale),
            description=translate(kind.description, locale),
            icon=kind.icon,
            step_class=kind.step_class,
            surfaces=sorted(kind.surfaces),
            service=kind.service,
            role=SERVICE_ROLES[kind.service].value if kind.service else kind.role,
            accepts=sorted(kind.accepts),
            parameters=parameter_schema(kind, locale),
        )


class PiiEntityPublic(BaseModel):
    """A kind of personal data that can be chosen for redaction."""

    entity: str
    label: str
    country: str = Field(description="ISO 3166-1 alpha-2, EU or GENERAL.")
    country_name: str
    available: bool
    reason: str = Field(description="Why it is not available.")

    @classmethod
    def of(cls, entry: PiiEntity, locale: str) -> "PiiEntityPublic":
        return cls(
            entity=entry.entity,
            label=translate(entry.label, locale),
            country=entry.country,
            country_name=territory_name(entry.country, locale, entry.country_name),
            available=entry.available,
            reason=translate(entry.reason, locale),
        )


class RedactionLanguagePublic(BaseModel):
    """A language of documents that can be redacted, and what can be found in it."""

    code: str
    name: str
    entities: list[str]


class TranslationLanguagePublic(BaseModel):
    """A target language. Where it is not available, no installed engine reaches it from the source."""

    code: str
    name: str
    available: bool
    detectable: bool = Field(description="Whether it can be the source with “auto” (TR-21).")
    docx_printable: bool

    @classmethod
    def of(cls, target: TargetLanguage, locale: str) -> "TranslationLanguagePublic":
        row = target.language
        return cls(
            code=row.code,
            name=language_name(row.code, locale, row.english_name),
            available=target.available,
            detectable=row.auto_detect,
            docx_printable=row.docx_print_supported,
        )


class StorageProviderPublic(BaseModel):
    """A storage provider: whether the organization has enabled it (SC-130), and what an account of it holds."""

    name: str
    title: str
    enabled: bool
    linkable: bool = Field(description="Whether people link accounts of their own; if not, it needs none.")
    fields: list[str] = Field(description="Values of the step “Send to cloud storage” that it uses.")
    required: list[str]
    options: list[str] = Field(description="Plain settings of an account.")
    secrets: list[str] = Field(description="Credentials of an account.")

    @classmethod
    def of(cls, provider: Provider, enabled: bool, locale: str) -> "StorageProviderPublic":
        return cls(
            name=provider.name,
            title=translate(provider.title, locale),
            enabled=enabled,
            linkable=provider.name not in INSTALLATION_PROVIDERS,
            fields=list(provider.fields),
            required=list(provider.required),
            options=list(provider.options),
            secrets=list(provider.secrets),
        )


def parameter_schema(kind: StepKind[Any], locale: str) -> dict[str, JsonValue]:
    """The JSON schema of a step's parameters with its titles and descriptions in the reader's language."""
    schema: dict[str, JsonValue] = kind.parameters.model_json_schema()
    schema.pop("description", None)
    _translate_texts(schema, locale)
    return {**schema, "title": translate(kind.title, locale)}


def _translate_texts(node: JsonValue, locale: str) -> None:
    if isinstance(node, list):
        for item in node:
            _translate_texts(item, locale)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name in ("title", "description") and isinstance(value, str):
                node[name] = translate(value, locale)
            else:
                _translate_texts(value, locale)


@router.get("/step-kinds", operation_id="list_step_kinds", dependencies=SIGNED_IN)
def list_step_kinds(locale: ReaderLocale) -> list[StepKindPublic]:
    """Every installed kind of step, in the order of the palette."""
    return [StepKindPublic.of(kind, locale) for kind in step_kinds().values()]


@router.get(
    "/step-kinds/{kind}", operation_id="get_step_kind", dependencies=SIGNED_IN, responses=documented(UNKNOWN_STEP)
)
def get_step_kind(kind: str, locale: ReaderLocale) -> StepKindPublic:
    """One kind of step."""
    return StepKindPublic.of(step_kind(kind), locale)


@router.get("/pii-entities", operation_id="list_pii_entities", dependencies=SIGNED_IN)
def list_pii_entities(locale: ReaderLocale) -> list[PiiEntityPublic]:
    """The catalogue of personal data, General first, then by country (SC-150)."""
    return [PiiEntityPublic.of(entry, locale) for entry in catalogue()]


@router.get("/redaction-languages", operation_id="list_redaction_languages", dependencies=SIGNED_IN)
def list_redaction_languages(locale: ReaderLocale) -> list[RedactionLanguagePublic]:
    """Languages of documents that can be redacted."""
    return [
        RedactionLanguagePublic(
            code=row.code, name=language_name(row.code, locale, row.name), entities=list(row.entities)
        )
        for row in redaction_languages().values()
    ]


@router.get(
    "/translation-languages",
    operation_id="list_translation_languages",
    dependencies=SIGNED_IN,
    responses=documented(UNKNOWN_LANGUAGE),
)
def list_translation_languages(
    locale: ReaderLocale, source: Annotated[str, Query(max_length=20, description="A language, or auto.")] = AUTO
) -> list[TranslationLanguagePublic]:
    """Target languages for a source language, and which of them the installed engines reach (TR-9)."""
    targets = available_targets(source, translation_engines(get_settings()).pairs)
    return [TranslationLanguagePublic.of(target, locale) for target in targets]


@router.get("/storage-providers", operation_id="list_storage_providers")
def list_storage_providers(actor: Anyone, locale: ReaderLocale) -> list[StorageProviderPublic]:
    """Every storage provider, and which of them the organization has enabled."""
    enabled = enabled_providers(actor)
    return [StorageProviderPublic.of(provider, name in enabled, locale) for name, provider in PROVIDERS.items()]
