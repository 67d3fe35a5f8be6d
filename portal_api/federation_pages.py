"""Plain pages of sign-in at identity providers: on the way there, and what a trial showed."""

from html import escape

from connectors.messages import N_
from domain.federation.trial import TrialReport
from domain.texts.catalogue import translate, translate_error
from portal_api.plain_page import plain_page


def forward_page(address: str, locale: str) -> str:
    """A page that goes on to the identity provider by itself, and a link for where that is switched off."""
    title = translate(N_("On to your organization's sign-in page"), locale)
    go_on = translate(N_("Continue"), locale)
    body = f'<p><a href="{escape(address)}">{escape(go_on)}</a></p>'
    return plain_page(title, body, locale, head=f'<meta http-equiv="refresh" content="0; url={escape(address)}">')


TITLE = N_("Trial of the identity provider")
UNCHANGED = N_("Nothing was changed, and nobody was signed in. You can close this window.")
ISSUER, SUBJECT, RECEIVED = N_("Issuer"), N_("Subject"), N_("Claims received")
REQUIRED, NOT_SENT = N_("required"), N_("not sent")
BACK = N_("Back to the page “Identity provider”")


def trial_page(report: TrialReport, locale: str) -> str:
    """The claims that were received, and what a real sign-in would have done; nothing was changed (AC-124)."""

    def say(text: str) -> str:
        return escape(translate(text, locale))

    facts = ((ISSUER, report.issuer), (SUBJECT, report.subject or "–"))
    rows = [
        (f"{one.claim.value} ({say(REQUIRED)})" if one.is_required else one.claim.value, escape(one.value), one.value)
        for one in report.claims
    ]
    rows += [(escape(name), escape(value), value) for name, value in report.others]
    lines = (
        f'<tr><th scope="row">{name}</th><td>{shown if value else f"<em>{say(NOT_SENT)}</em>"}</td></tr>'
        for name, shown, value in rows
    )
    body = (
        f"<p><strong>{_verdict(report, locale)}</strong></p><p>{say(UNCHANGED)}</p>"
        f"<dl>{''.join(f'<dt>{say(name)}</dt><dd>{escape(value)}</dd>' for name, value in facts)}</dl>"
        f"<table><caption>{say(RECEIVED)}</caption>{''.join(lines)}</table>"
        f'<p><a href="/identity-provider">{say(BACK)}</a></p>'
    )
    return plain_page(translate(TITLE, locale), body, locale)


def _verdict(report: TrialReport, locale: str) -> str:
    if report.refusal is not None:
        message, remedy = translate_error(report.refusal, locale)
        return f"{escape(message)} {escape(remedy)}"
    if report.is_new:
        return escape(translate(N_("It works: an account would be made for this person."), locale))
    return escape(translate(N_("It works: this person would be signed in."), locale))
