"""The footer of translated files: one for everybody who translates in the organization (TR-50…TR-56)."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import Organization, now
from domain.organizations.permissions import Permission
from domain.translation.models import TranslationSettingsRow

LONGEST_FOOTER = 512
FOOTER_EMPTY = Fault(
    "translation.footer_empty",
    422,
    N_("The footer of translated files has no text."),
    N_("Type the text that each page should carry, or switch the footer off."),
    spec="TR-52",
)
NOT_SAVED = Fault(
    "translation.settings_changed_meanwhile",
    409,
    N_("The translation settings are not saved: somebody else has changed them meanwhile."),
    N_("Reload the page and make your changes once more."),
    spec="TR-54",
)


class TranslationSettings(BaseModel):
    """What holds for translations of no solution: solutions and panels have a step for footers (TR-56)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    add_footer: bool = Field(False, title=N_("Add footer text to every page of the translated file"))
    footer_text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_FOOTER)] = Field(
        "", title=N_("Footer text")
    )
    translate_footer: bool = Field(False, title=N_("Translate the footer text"))


@dataclass(frozen=True, slots=True)
class TranslationSettingsView:
    """The settings as they were saved."""

    settings: TranslationSettings
    version: int


def get_translation_settings(actor: Actor) -> TranslationSettingsView:
    """The settings, for administrators of translation (TR-3, TR-50)."""
    actor.need(Permission.TRANSLATION_MANAGE)
    with actor.session(read_only=True) as session:
        return _view(session, actor)


def change_translation_settings(
    actor: Actor, after: TranslationSettings, version: int | None = None
) -> TranslationSettingsView:
    """Save the settings for everybody (TR-54).

    Raises `FOOTER_EMPTY`, and `NOT_SAVED` where they are no longer those of `version`.
    """
    actor.need(Permission.TRANSLATION_MANAGE)
    if after.add_footer and not after.footer_text:
        raise FOOTER_EMPTY()
    with actor.session() as session:
        session.get(Organization, actor.organization_id, with_for_update=True)
        row = session.get(TranslationSettingsRow, actor.organization_id)
        if version is not None and version != (row.version if row else 0):
            raise NOT_SAVED()
        if after != translation_settings(session, actor.organization_id):
            if row is None:
                row = TranslationSettingsRow(values={}, version=0)
                session.add(row)
            row.values, row.version, row.changed = after.model_dump(mode="json"), row.version + 1, now()
            record(session, actor, "translation_settings.changed", "translation_settings", facts=row.values)
            session.flush()
        return _view(session, actor)


def translation_settings(session: Session, organization_id: str) -> TranslationSettings:
    """The organization's settings as they were saved."""
    row = session.get(TranslationSettingsRow, organization_id)
    return TranslationSettings.model_validate(row.values) if row is not None else TranslationSettings()


def _view(session: Session, actor: Actor) -> TranslationSettingsView:
    row = session.get(TranslationSettingsRow, actor.organization_id)
    settings = translation_settings(session, actor.organization_id)
    return TranslationSettingsView(settings, row.version if row is not None else 0)
