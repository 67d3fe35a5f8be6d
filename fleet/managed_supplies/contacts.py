"""Delivery contacts: made, changed, found, deleted, and assigned to printers (FL-455, FL-462)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from fleet.managed_supplies.addresses import TITLES, ContactForm, checked
from fleet.managed_supplies.models import DeliveryContact
from fleet.printers.models import Printer

SHOWN = 100
CHUNK = 500
CONTACT_EXISTS = Fault(
    "delivery_contact.exists",
    409,
    N_("There is a contact “{name}” with this address already."),
    N_("Use that one, or change the name or the address."),
    spec="FL-461",
)
ASSIGNED = Fault(
    "delivery_contact.assigned",
    409,
    N_("“{name}” is assigned to printers and cannot be deleted: {printers}."),
    N_("Assign another contact to these printers first."),
    spec="FL-462",
)
NO_DEFAULT = Fault(
    "delivery_contact.no_default",
    409,
    N_("No contact is the default."),
    N_("Name the contact to assign, or make one the default."),
)
SHOWN_PRINTERS = 20


@dataclass(frozen=True, slots=True)
class ContactView:
    """A contact and how many printers it is assigned to."""

    id: str
    form: ContactForm
    is_default: bool
    printers: int
    key: tuple[str, str]

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.form.first_name} {self.form.last_name}"


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """Which contacts a list shows: `search` is in names; `after` is the key of the last one of the page before."""

    search: str = ""
    company: str = ""
    city: str = ""
    after: tuple[str, str] | None = None
    limit: int = SHOWN


def list_contacts(actor: Actor, chosen: ContactFilter | None = None) -> list[ContactView]:
    """The organization's contacts by name."""
    actor.need(Permission.FLEET_MANAGE)
    chosen = chosen or ContactFilter()
    query = select(DeliveryContact)
    for word in chosen.search.casefold().split():
        query = query.where(DeliveryContact.search_key.contains(word, autoescape=True))
    for column, wanted in ((DeliveryContact.company, chosen.company), (DeliveryContact.city, chosen.city)):
        if wanted:
            query = query.where(column == wanted)
    if chosen.after is not None:
        name, last = chosen.after
        beyond = (DeliveryContact.name_key == name) & (DeliveryContact.id > last)
        query = query.where((DeliveryContact.name_key > name) | beyond)
    query = query.order_by(DeliveryContact.name_key, DeliveryContact.id).limit(chosen.limit)
    with actor.session(read_only=True) as session:
        return _views(session, session.scalars(query).all())


def contact_places(actor: Actor) -> tuple[list[str], list[str]]:
    """The companies and the cities that there are, to filter by."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session(read_only=True) as session:
        companies, cities = (
            list(session.scalars(select(column).where(column != "").distinct().order_by(column)))
            for column in (DeliveryContact.company, DeliveryContact.city)
        )
    return companies, cities


def get_contact(actor: Actor, contact_id: str) -> ContactView:
    """One contact; raises `NOT_FOUND`."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session(read_only=True) as session:
        return _views(session, [contact_row(session, contact_id)])[0]


def create_contact(actor: Actor, values: Mapping[str, str]) -> str:
    """Make a contact; returns its id. Raises the faults of its values and `CONTACT_EXISTS`."""
    actor.need(Permission.FLEET_MANAGE)
    form = checked(values)
    with actor.session() as session:
        return add_contact(session, actor, form)


def add_contact(session: Session, actor: Actor, form: ContactForm) -> str:
    """As `create_contact` in the caller's transaction. The first contact is the default."""
    contact = DeliveryContact(organization_id=actor.organization_id)
    _fill(session, contact, form)
    contact.is_default = session.scalar(select(DeliveryContact.id).limit(1)) is None
    try:
        with session.begin_nested():
            session.add(contact)
    except IntegrityError as error:  # the same one, made at the same moment
        raise CONTACT_EXISTS(name=_name(form)) from error
    record(session, actor, "delivery_contact.created", "delivery_contact", contact.id, {"name": _name(form)})
    return contact.id


def change_contact(actor: Actor, contact_id: str, values: Mapping[str, str]) -> None:
    """Change a contact; raises as `create_contact`, and `NOT_FOUND`."""
    actor.need(Permission.FLEET_MANAGE)
    form = checked(values)
    with actor.session() as session:
        contact = contact_row(session, contact_id)
        _fill(session, contact, form)
        record(session, actor, "delivery_contact.changed", "delivery_contact", contact.id, {"name": _name(form)})


def delete_contact(actor: Actor, contact_id: str) -> None:
    """Delete a contact; raises `ASSIGNED` and `NOT_FOUND`."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session() as session:
        contact = session.scalar(select(DeliveryContact).where(DeliveryContact.id == contact_id).with_for_update())
        if contact is None:
            raise NOT_FOUND(what="delivery contact")
        name = f"{contact.first_name} {contact.last_name}"
        of_it = select(Printer.serial_number).where(Printer.delivery_contact_id == contact_id)
        if printers := session.scalars(of_it.order_by(Printer.serial_number).limit(SHOWN_PRINTERS)).all():
            raise ASSIGNED(name=name, printers=", ".join(printers))
        record(session, actor, "delivery_contact.deleted", "delivery_contact", contact.id, {"name": name})
        session.delete(contact)


def make_default(actor: Actor, contact_id: str) -> None:
    """Make it the one that is assigned where none is named; raises `NOT_FOUND`."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session() as session:
        contact = contact_row(session, contact_id)
        session.execute(update(DeliveryContact).values(is_default=False))
        contact.is_default = True
        facts = {"name": f"{contact.first_name} {contact.last_name}"}
        record(session, actor, "delivery_contact.made_default", "delivery_contact", contact.id, facts)


def assign_contact(actor: Actor, contact_id: str, printer_ids: Collection[str]) -> int:
    """Have supplies of these printers sent to it, or to the default without an id; returns how many printers.

    Raises `NOT_FOUND` where the contact or a printer is not the organization's (nothing is assigned then), and
    `NO_DEFAULT`.
    """
    actor.need(Permission.FLEET_MANAGE)
    with actor.session() as session:
        contact = _chosen(session, contact_id)
        ids = list(dict.fromkeys(printer_ids))
        for start in range(0, len(ids), CHUNK):
            part = ids[start : start + CHUNK]
            chosen = update(Printer).where(Printer.id.in_(part)).values(delivery_contact_id=contact.id)
            if len(session.execute(chosen.returning(Printer.id)).all()) != len(part):
                raise NOT_FOUND(what="printer")
        facts: Facts = {"name": f"{contact.first_name} {contact.last_name}", "count": len(ids)}
        record(session, actor, "delivery_contact.assigned", "delivery_contact", contact.id, facts)
        return len(ids)


def contact_row(session: Session, contact_id: str) -> DeliveryContact:
    """The contact in a session of its organization; raises `NOT_FOUND`."""
    contact = session.scalar(select(DeliveryContact).where(DeliveryContact.id == contact_id))
    if contact is None:
        raise NOT_FOUND(what="delivery contact")
    return contact


def form_of(contact: DeliveryContact) -> ContactForm:
    """What it holds."""
    return ContactForm(**{name: getattr(contact, name) for name in TITLES})


def _chosen(session: Session, contact_id: str) -> DeliveryContact:
    """Locked, so that it is not deleted before the assignment is committed."""
    wanted = DeliveryContact.id == contact_id if contact_id else DeliveryContact.is_default
    contact = session.scalar(select(DeliveryContact).where(wanted).with_for_update())
    if contact is None:
        raise NOT_FOUND(what="delivery contact") if contact_id else NO_DEFAULT()
    return contact


def _fill(session: Session, contact: DeliveryContact, form: ContactForm) -> None:
    same = select(DeliveryContact.id).where(DeliveryContact.same_key == form.same_key)
    if session.scalar(same.where(DeliveryContact.id != (contact.id or ""))) is not None:
        raise CONTACT_EXISTS(name=_name(form))
    values: dict[str, Any] = form.model_dump()
    for name, value in values.items():
        setattr(contact, name, value)
    contact.same_key = form.same_key
    contact.search_key = f"{_name(form)} {form.company}".casefold()
    contact.name_key = f"{form.last_name} {form.first_name}".casefold()


def _name(form: ContactForm) -> str:
    return f"{form.first_name} {form.last_name}"


def _views(session: Session, contacts: Sequence[DeliveryContact]) -> list[ContactView]:
    ids = [contact.id for contact in contacts]
    counted = select(Printer.delivery_contact_id, func.count()).where(Printer.delivery_contact_id.in_(ids))
    printers: dict[str | None, int] = dict(
        session.execute(counted.group_by(Printer.delivery_contact_id)).tuples().all()
    )
    return [
        ContactView(
            contact.id,
            form_of(contact),
            contact.is_default,
            printers.get(contact.id, 0),
            (contact.name_key, contact.id),
        )
        for contact in contacts
    ]
