"""The newcomer's checklist (accounts §2.5): what comes first, what for, and what is done."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.organizations.set_up import SetUp, SetUpStep, end_set_up, set_up
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, visitor
from portal_api.pages.words import _


@portal_page("/welcome", N_("Set-up"), Permission.ORGANIZATION_MANAGE, "welcome")
async def welcome() -> None:
    """The page."""
    state = await ask(set_up)
    done = sum(step.is_done for step in state.steps)
    heading(
        _("Welcome. Set up {organization}", organization=visitor().organization_name),
        _(
            "{done} of {count} done. The list looks at what is there, so it is always true.",
            done=done,
            count=len(state.steps),
        ),
    )
    bar = ui.linear_progress(done / len(state.steps), show_value=False, size="6px").props("rounded")
    bar.props["aria-label"] = _("Progress")
    if state.is_complete:
        with theme.block("verdict-line good", role="status"):
            theme.icon("task_alt")
            theme.text(_("Everything that is needed is done. You find this list under Organization, Set-up."))
    with theme.block("set-up", "ol"):
        for number, step in enumerate(state.steps, 1):
            _step(number, step, is_next=step == _next_step(state))
    if state.is_open:
        with theme.block("actions end"):
            theme.plain_button(_("Do not show this again"), "visibility_off").on_click(_put_away)


def _next_step(state: SetUp) -> SetUpStep | None:
    return next((step for step in state.steps if not step.is_done), None)


def _step(number: int, step: SetUpStep, *, is_next: bool) -> None:
    with theme.block("set-up-step" + (" done" if step.is_done else " next" if is_next else ""), "li"):
        with theme.block("set-up-disc", aria_hidden="true"):
            theme.icon("check") if step.is_done else theme.text(str(number))
        with theme.block("set-up-words"):
            with theme.block("set-up-head"):
                theme.text(_(step.title), "section-title", "h2")
                if step.is_done:
                    theme.chip(_("Done"), "good")
                elif step.only_if:
                    theme.chip(_(step.only_if), "quiet")
            theme.text(_(step.text), "muted", "p")
        make = theme.main_button if is_next else theme.plain_button
        link = make(_("Open"), "arrow_forward").props(f"href={step.address}")
        link.props["aria-label"] = _("Open: {step}", step=_(step.title))


async def _put_away() -> None:
    with faults_shown():
        await ask(end_set_up)
        ui.navigate.to("/")
