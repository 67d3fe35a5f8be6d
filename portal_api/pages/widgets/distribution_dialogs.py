"""What is done to a distribution from its list: suspend, resume, revoke; and the partner's billing cycle."""

from collections.abc import Awaitable, Callable

from babel.dates import get_month_names
from nicegui import ui

from domain.quotas.billing import LAST_DAY, LENGTHS, CycleRule, billing_rule, set_billing_rule
from domain.quotas.distributions import Recipient, resume_distribution, revoke_distribution, suspend_distribution
from domain.quotas.rules import SERVICE_TITLES, ServiceState
from portal_api.pages import theme
from portal_api.pages.visit import ask, faults_shown, tell
from portal_api.pages.words import _, spoken

Done = Callable[[], Awaitable[None]]


def suspend_dialog(one: Recipient, done: Done) -> None:
    """Ask which services are to pause: all of them, unless some are unchecked (SQ-35)."""
    view = one.distribution
    assert view is not None
    running = [each.service for each in view.services if each.is_given and each.state is not ServiceState.SUSPENDED]
    chosen = set(running)
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Suspend the pages of “{name}”?", name=one.organization_name), "dialog-title", "h2")
        theme.text(_("Steps at work may finish; no further ones begin until you resume."), "muted")
        for service in running:
            ui.checkbox(
                _(SERVICE_TITLES[service]),
                value=True,
                on_change=lambda event, service=service: (chosen.add if event.value else chosen.discard)(service),
            )

        async def suspend() -> None:
            if not chosen:
                dialog.close()
                return
            with faults_shown():
                await ask(suspend_distribution, one.organization_id, sorted(chosen))
                tell(_("The pages are suspended."))
                dialog.close()
                await done()

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close).props("autofocus")
            theme.main_button(_("Suspend"), "pause").on_click(suspend)
    dialog.on("hide", dialog.delete)
    dialog.open()


async def resume(one: Recipient, done: Done) -> None:
    """Let everything go on (SQ-36)."""
    with faults_shown():
        await ask(resume_distribution, one.organization_id)
        tell(_("The pages can be used again."))
        await done()


def revoke_dialog(one: Recipient, done: Done) -> None:
    """First what it means, then the organization's name to be typed (SQ-37)."""
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Revoke the pages of “{name}”?", name=one.organization_name), "dialog-title", "h2")
        with theme.block("revoke-meaning") as meaning:
            theme.text(_("All pages that are left are cancelled for good. They return to the partner."), "muted")
            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close).props("autofocus")
                theme.main_button(_("Continue")).on_click(lambda: confirm())
        with theme.block("revoke-meaning") as typing:
            theme.text(_("Type the name of the organization to confirm: {name}", name=one.organization_name))
            name = ui.input(_("Name of the organization")).props("outlined dense autocomplete=off maxlength=255")
            with theme.block("dialog-actions"):
                theme.plain_button(_("Cancel")).on_click(dialog.close)
                button = theme.main_button(_("Revoke"), "block").classes("danger")
        typing.set_visibility(False)
        button.bind_enabled_from(name, "value", lambda value: (value or "").strip() == one.organization_name)

        def confirm() -> None:
            meaning.set_visibility(False)
            typing.set_visibility(True)
            name.run_method("focus")

        async def revoke() -> None:
            with faults_shown():
                await ask(revoke_distribution, one.organization_id, name.value or "")
                tell(_("The pages are revoked."))
                dialog.close()
                await done()

        button.on_click(revoke)
    dialog.on("hide", dialog.delete)
    dialog.open()


async def cycle_dialog() -> None:
    """How long billing cycles are and when they begin (SQ-70)."""
    with faults_shown():
        _cycle_dialog(await ask(billing_rule))


def _cycle_dialog(rule: CycleRule) -> None:
    months = {number: name.capitalize() for number, name in get_month_names("wide", "stand-alone", spoken()).items()}
    lengths = {length: _("1 month") if length == 1 else _("{count} months", count=length) for length in LENGTHS}
    with theme.dialog() as dialog, theme.block("sheet dialog-sheet"):
        theme.text(_("Billing cycle"), "dialog-title", "h2")
        theme.text(_("It decides which use is reported together. Page limits do not change with it."), "muted")
        length = ui.select(lengths, value=rule.months, label=_("Length")).props("outlined dense options-dense")
        first = ui.select(months, value=rule.first_month, label=_("One cycle begins in"))
        first.props("outlined dense options-dense")
        first.bind_visibility_from(length, "value", lambda value: value != 1)
        days = {number: str(number) for number in range(1, LAST_DAY + 1)}
        start = ui.select(days, value=rule.day, label=_("First day of a cycle")).props("outlined dense options-dense")

        async def save() -> None:
            with faults_shown():
                await ask(set_billing_rule, CycleRule(int(length.value), int(first.value), int(start.value)))
                tell(_("The billing cycle is saved."))
                ui.navigate.reload()

        with theme.block("dialog-actions"):
            theme.plain_button(_("Cancel")).on_click(dialog.close)
            theme.main_button(_("Save"), "save").on_click(save)
    dialog.on("hide", dialog.delete)
    dialog.open()
