"""A session as one row: the device, from where, by which method, when last used."""

from collections.abc import Awaitable, Callable

from connectors.messages import N_
from domain.sign_in.models import SignInMethod
from domain.sign_in.session_list import SessionView
from portal_api.pages import theme
from portal_api.pages.visit import when
from portal_api.pages.widgets.devices import device_name
from portal_api.pages.words import _

METHODS = {
    SignInMethod.PASSWORD: N_("password"),
    SignInMethod.PASSWORD_AND_CODE: N_("password and code"),
    SignInMethod.IDENTITY_PROVIDER: N_("identity provider"),
}


def session_row(view: SessionView, end: Callable[[str], Awaitable[None]] | None) -> None:
    """The row; `end` ends the session of that id. The visitor's present one is ended by signing out."""
    with theme.block("record", "article"):
        theme.icon("devices")
        with theme.block("record-words"):
            theme.text(device_name(view.user_agent), "strong")
            words = _("{address}, by {method}", address=view.address, method=_(METHODS[view.method]))
            theme.text(words, "muted clamp-one")
        with theme.block("record-when"):
            if view.is_current:
                theme.chip(_("This one"), "good")
            else:
                theme.text(_("Last used {moment}", moment=when(view.last_seen)), "ticket")
        if end is not None and not view.is_current:
            label = _("End the session of {device}", device=device_name(view.user_agent))
            theme.icon_button("logout", label).on_click(lambda: end(view.id))
