"""One customer: what it is, its services, entering it, deleting it (AC-8…AC-10, AC-13, AC-14, AC-23, AC-24)."""

from nicegui import ui

from connectors.messages import N_
from domain.organizations.children import ChildView, entitle_child, get_child, services_to_give
from domain.organizations.deletion import deletion_task, refusal_of_deletion, request_deletion
from domain.organizations.entitlements import IRREVERSIBLE, TITLES, Entitlement
from domain.organizations.models import OrganizationStatus
from domain.organizations.permissions import Permission
from portal_api.pages import theme
from portal_api.pages.frame import heading, portal_page
from portal_api.pages.visit import ask, faults_shown, tell, visitor, when
from portal_api.pages.widgets.confirmation import confirm
from portal_api.pages.widgets.copy_field import copy_field
from portal_api.pages.widgets.services import active_services
from portal_api.pages.widgets.workplace import enter
from portal_api.pages.words import _, error_texts


@portal_page("/customers/{customer_id}", N_("Customer"), Permission.CHILDREN_LIST, "customers")
async def customer(customer_id: str) -> None:
    """The page of one customer."""
    await CustomerPage(await ask(get_child, customer_id)).build()


class CustomerPage:
    """The open page."""

    def __init__(self, child: ChildView) -> None:
        self._child = child

    async def build(self) -> None:
        """Lay out the page."""
        child, is_active = self._child, self._child.status == OrganizationStatus.ACTIVE
        with theme.block("toolbar"):
            heading(child.name, _("A customer of {partner}", partner=visitor().organization_name))
            ui.space()
            if is_active and visitor().may(Permission.CHILDREN_ENTER):
                theme.plain_button(_("Set it up"), "checklist").on_click(lambda: enter(child.id, "/welcome"))
                theme.main_button(_("Enter"), "login").on_click(lambda: enter(child.id))
        if not is_active:
            await self._being_deleted()
        with theme.block("form-sheets narrow"):
            with theme.block("sheet crop settings", "section", aria_label=_("Organization information")):
                theme.text(_("Organization information"), "section-title", "h2")
                copy_field(_("Organization ID"), child.id, _("Needed where other systems refer to this organization."))
                with theme.block("facts", "dl"):
                    for name, value in ((_("People"), str(child.people)), (_("Since"), when(child.created))):
                        theme.text(name, "muted", "dt")
                        theme.text(value, "", "dd")
                active_services(child.entitlements)
            if is_active and visitor().may(Permission.CHILDREN_ENTITLE):
                Services(child, await ask(services_to_give)).build()
            if visitor().may(Permission.CHILDREN_DELETE):
                await self._deletion()

    async def _being_deleted(self) -> None:
        task = await ask(deletion_task, self._child.id)
        with theme.block("alarm", role="status"):
            theme.text(_("This organization is being deleted."), "strong")
            theme.text(_("Its people cannot sign in any more. You are told by e-mail when everything of it is gone."))
            if task:
                with theme.block("", "a", href=f"/tasks/{task}"):
                    theme.text(_("See how far it is"))

    async def _deletion(self) -> None:
        refusal = await ask(refusal_of_deletion, self._child.id)
        with theme.block("sheet settings", "section", aria_label=_("Delete organization")):
            theme.text(_("Delete organization"), "section-title", "h2")
            theme.text(
                _("Deletes the organization with all its people, groups, applications, badges and documents."), "hint"
            )
            if refusal is not None:
                theme.text(error_texts(refusal)[0], "warning", role="note")
            with theme.block("actions end"):
                button = theme.plain_button(_("Delete organization"), "delete").on_click(self._first_window)
                button.set_enabled(refusal is None)

    def _first_window(self) -> None:
        async def go_on() -> None:
            self._second_window()

        confirm(
            _("Delete “{name}”?", name=self._child.name),
            (
                _("Nobody of this organization can sign in from that moment on."),
                _("Its people, groups, applications, badges, documents and settings are deleted for good."),
            ),
            _("Continue"),
            go_on,
            icon="arrow_forward",
        )

    def _second_window(self) -> None:
        async def delete() -> None:
            with faults_shown():
                task = await ask(request_deletion, self._child.id, self._child.name)
                tell(_("The organization is being deleted."))
                ui.navigate.to(f"/tasks/{task}")

        text = _("This cannot be undone. Type the name of the organization to confirm.")
        confirm(_("Delete “{name}”?", name=self._child.name), (text,), _("Delete"), delete, typed=self._child.name)


class Services:
    """The sheet with the services of the customer."""

    def __init__(self, child: ChildView, available: frozenset[Entitlement]) -> None:
        self._child, self._available = child, available
        self._chosen = set(child.entitlements)

    def build(self) -> None:
        """Lay it out."""
        with theme.block("sheet settings", "section", aria_label=_("Organization entitlements")):
            theme.text(_("Organization entitlements"), "section-title", "h2")
            theme.text(_("Roles of a service count only where the organization has it."), "hint")
            with theme.block("switches"):
                for service in Entitlement:
                    self._switch(service)
            theme.text(
                _("The managed-print programme cannot be taken away again, and keeps the customer from being deleted."),
                "hint",
            )
            with theme.block("dialog-actions"):
                theme.main_button(_("Save changes"), "save").on_click(self._save)

    def _switch(self, service: Entitlement) -> None:
        is_had = service in self._child.entitlements
        box = ui.checkbox(
            _(TITLES[service]),
            value=is_had,
            on_change=lambda event: (self._chosen.add if event.value else self._chosen.discard)(service),
        )
        if (is_had and service in IRREVERSIBLE) or not (is_had or service in self._available):
            box.disable()
            with box:
                ui.tooltip(_("It stays for good.") if is_had else _("Your organization does not have it itself."))

    async def _save(self) -> None:
        new = IRREVERSIBLE.intersection(self._chosen) - set(self._child.entitlements)
        if not new:
            await self._apply()
            return
        names = ", ".join(_(TITLES[service]) for service in new)
        confirm(
            _("Add {services} for good?", services=names),
            (
                _("Only the operator of the installation can remove it again."),
                _("As long as “{name}” has it, the organization cannot be deleted.", name=self._child.name),
            ),
            _("Save changes"),
            self._apply,
            icon="save",
        )

    async def _apply(self) -> None:
        with faults_shown():
            await ask(entitle_child, self._child.id, sorted(self._chosen))
            tell(_("The changes are saved."))
            ui.navigate.reload()
