"""Sections of “My account”: where one is signed in, and the tokens of one's programs."""

from datetime import timedelta

from nicegui import ui

from connectors.messages import N_
from domain.organizations.models import now
from domain.organizations.permissions import rules
from domain.sign_in.session_list import end_own_other_sessions, end_own_session, own_sessions
from domain.sign_in.tokens import TokenView, create_token, offered_scopes, own_tokens, revoke_token
from portal_api.pages import theme
from portal_api.pages.account_sections import account_section
from portal_api.pages.visit import ask, faults_shown, tell, visitor, when
from portal_api.pages.widgets.proof import show_secret, when_proven
from portal_api.pages.widgets.sessions import session_row
from portal_api.pages.words import _

LIVES = {7: N_("7 days"), 30: N_("30 days"), 90: N_("90 days"), 365: N_("One year")}
USUAL_LIFE = 90


@account_section("sessions", N_("Sessions"), 60)
async def sessions() -> None:
    """Where one is signed in."""
    found = await ask(own_sessions)
    theme.text(_("Where you are signed in. End what you do not know, and then change your password."), "hint")
    with theme.block("records"):
        for view in found:
            session_row(view, _end)
    if len(found) > 1:
        with theme.block("dialog-actions"):
            theme.plain_button(_("End all others"), "logout").on_click(_end_others)


@account_section("tokens", N_("API tokens"), 70)
async def api_tokens() -> None:
    """By what one's programs act for one."""
    found = await ask(own_tokens)
    theme.text(_("With a token a program acts for you, as far as the permissions go that you give it."), "hint")
    with theme.block("records"):
        for view in found:
            _token(view)
    with theme.block("dialog-actions"):
        theme.plain_button(_("New token"), "key").on_click(_token_dialog)


def _token(view: TokenView) -> None:
    with theme.block("record", "article"):
        theme.icon("key")
        with theme.block("record-words"):
            theme.text(view.name, "strong clamp-one")
            theme.text(", ".join(view.scopes), "muted clamp")
        with theme.block("record-when"):
            if view.expires <= now():
                theme.chip(_("Expired"), "bad")
            else:
                theme.text(_("Until {moment}", moment=when(view.expires)), "ticket")
            used = _("Last used {moment}", moment=when(view.last_used)) if view.last_used else _("Never used")
            theme.text(used, "ticket")
        theme.icon_button("delete", _("Revoke the token “{name}”", name=view.name)).on_click(lambda: _revoke(view))


async def _end(session_id: str) -> None:
    with faults_shown():
        await ask(end_own_session, session_id)
        ui.navigate.reload()


async def _end_others() -> None:
    with faults_shown():
        count = await ask(end_own_other_sessions)
        tell(_("Sessions ended: {count}.", count=count))
        ui.navigate.reload()


def _revoke(view: TokenView) -> None:
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Revoke the token “{name}”", name=view.name), "dialog-title", "h2")
        theme.text(_("Programs that use it stop working at once. It cannot be brought back."))

        async def revoke() -> None:
            with faults_shown():
                await ask(revoke_token, view.id)
                ui.navigate.reload()

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Revoke")).on_click(revoke)
    dialog.on("hide", dialog.delete)
    dialog.open()


def _token_dialog() -> None:
    scopes = {scope.value: f"{scope.value}: {_(rules()[scope].meaning)}" for scope in offered_scopes(visitor())}
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("New token"), "dialog-title", "h2")
        name = ui.input(_("What uses it")).props("outlined dense autofocus maxlength=100")
        life = ui.select({days: _(text) for days, text in LIVES.items()}, label=_("Works for"), value=USUAL_LIFE)
        life.props("outlined dense options-dense")
        chosen = ui.select(scopes, label=_("Permissions"), value=[], multiple=True, with_input=True, clearable=True)
        chosen.props("outlined dense options-dense use-chips")

        async def make() -> None:
            wanted = (name.value or "", list(chosen.value or ()), now() + timedelta(days=int(life.value or USUAL_LIFE)))
            token, _view = await ask(create_token, *wanted)
            dialog.close()
            hint = _("Keep it now: it is shown only once. Send it as “Authorization: Bearer …”.")
            show_secret(_("Your new token"), token, hint)

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Make the token")).on_click(lambda: when_proven(make))
    dialog.on("hide", dialog.delete)
    dialog.open()
