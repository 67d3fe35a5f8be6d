"""The terms of use of translation: accepted each time it is opened (TR-30, TR-45)."""

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission

TERMS_NOT_ACCEPTED = Fault(
    "translation.terms",
    403,
    N_("The terms of use of translation were not accepted, or have changed since."),
    N_("Read the terms as they are now and accept them."),
    spec="TR-E01",
)
TERMS_VERSION = "2026-11-26"
"""Another one for other terms, so that nobody accepts what they have not seen."""
TERMS = (
    N_(
        "Translations are made by machines. They can be wrong or incomplete: let somebody who knows both languages "
        "read what matters."
    ),
    N_(
        "Hand in only what you are allowed to have translated, and keep to your organization's rules for personal and "
        "confidential data."
    ),
    N_(
        "Documents and translations are kept in this installation as those of every run are, and are deleted with "
        "them. Each target language is charged to your page quota."
    ),
)


def accept_terms(actor: Actor, terms_version: str) -> None:
    """Record who accepted which terms, and when (TR-45); raises `TERMS_NOT_ACCEPTED` for others than those of now."""
    actor.need(Permission.TRANSLATION_USE)
    check_accepted(terms_version)
    with actor.session() as session:
        record(session, actor, "translation.terms_accepted", "terms", terms_version, {"version": terms_version})


def check_accepted(terms_version: str) -> None:
    """Raise `TERMS_NOT_ACCEPTED` (TR-E01) unless these are the terms of now."""
    if terms_version != TERMS_VERSION:
        raise TERMS_NOT_ACCEPTED()
