"""Where each role of a person comes from (AC-45)."""

from collections.abc import Sequence

from nicegui import ui

from domain.organizations.effective_roles import EffectiveRole, RoleSource
from domain.organizations.grants import Level
from domain.organizations.roles import Role
from portal_api.pages import theme
from portal_api.pages.words import _


def role_sources(roles: Sequence[EffectiveRole]) -> None:
    """All roles that count, folded away, each with its sources."""
    fold = ui.expansion(_("All roles and where they come from"), icon=theme.symbol("account_tree"))
    with fold.classes("fold plain"), theme.block("records", role="list"):
        for one in roles:
            _row(one)


def _row(role: EffectiveRole) -> None:
    with theme.block("record", role="listitem"):
        with theme.block("record-words"):
            theme.text(_(role.role.value), "strong")
            theme.text(_sources(role), "hint")
        if role.lacking is not None:
            theme.chip(_("Service missing"), "dry")
        if role.in_customers:
            theme.chip(_("In customers"), "quiet")


def _sources(role: EffectiveRole) -> str:
    if role.role is Role.USER:
        return _("Everybody has it.")
    return ", ".join(_source(source) for source in role.sources)


def _source(source: RoleSource) -> str:
    if source.level is Level.ORGANIZATION:
        return _("the whole organization")
    if source.level is Level.USER:
        return _("assigned to the person")
    return _("the group “{name}”", name=_(source.group_name))
