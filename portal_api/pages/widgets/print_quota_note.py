"""One's own print quota of the month, as the page of the print queue shows it (PR-73, PR-77)."""

from domain.print_quotas.limits import STATUS_TITLES, QuotaStatus
from domain.print_quotas.own import own_quota
from domain.print_quotas.status import color_text
from portal_api.pages import theme
from portal_api.pages.visit import ask
from portal_api.pages.widgets.page_counts import number
from portal_api.pages.words import _

STATUS_LOOKS = {
    QuotaStatus.OK: ("check_circle", "good"),
    QuotaStatus.WARNING: ("warning", "warn"),
    QuotaStatus.EXCEEDED: ("error", "bad"),
}
"""The symbol of each status, and its colour (PR-74)."""


async def own_quota_note() -> None:
    """What the visitor may still print this month; nothing where the organization has no print quotas."""
    own = await ask(own_quota)
    if own is None:
        return
    standing = own.standing
    icon, look = STATUS_LOOKS[standing.status]
    with theme.block("record usage", "section", aria_label=_("My print quota")):
        with theme.block(f"state {look}"):
            theme.icon(icon)
            theme.text(_(STATUS_TITLES[standing.status]))
        with theme.block("record-words"):
            theme.text(_("My print quota"), "strong")
            theme.text(_("It begins anew on the first day of next month."), "hint")
        with theme.block("usage-services"):
            total = _("Unlimited") if standing.left is None else number(standing.left)
            for title, left in ((_("Total remaining"), total), (_("Colour remaining"), color_text(standing, _))):
                with theme.block("usage-service"):
                    theme.text(title, "ticket-label")
                    theme.text(left, "usage-number")
