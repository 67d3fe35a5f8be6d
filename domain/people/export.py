"""People in the format that imports read (AC-200): all columns, no passwords, OPERATION = UPDATE.

What a spreadsheet would take for a formula (a value that begins with = + - @) gets an apostrophe before it, which the
import takes off again; so the file is harmless where it is opened and gives the same people where it is imported.
Importing an export changes nothing: empty cells leave fields as they are, and groups are only ever added.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import StringIO

from sqlalchemy import select

from connectors.spreadsheets import BYTE_ORDER_MARK
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import User
from domain.organizations.permissions import Permission
from domain.people.custom_attributes import write_attributes
from domain.people.import_file import HEADER, Operation, guarded
from domain.people.listing import LARGEST_PAGE, PersonFilter, PersonView, list_people

"""Tells spreadsheets that the file is UTF-8; imports take it."""


def export_people(actor: Actor, chosen: PersonFilter | None = None) -> Iterator[str]:
    """The file in pieces: the header, then the people whom the filter lets through."""
    actor.need(Permission.USERS_IMPORT)
    actor.need(Permission.USERS_VIEW)
    with actor.session() as session:
        record(session, actor, "users.exported", "organization", actor.organization_id)
    return _pieces(actor, chosen or PersonFilter())


def _pieces(actor: Actor, chosen: PersonFilter) -> Iterator[str]:
    yield BYTE_ORDER_MARK + _csv([HEADER])
    chosen = replace(chosen, after=None, limit=LARGEST_PAGE)
    while people := list_people(actor, chosen):
        attributes = _attributes(actor, [view.id for view in people])
        yield _csv([_row(view, attributes[view.id]) for view in people if view.id in attributes])
        chosen = replace(chosen, after=people[-1].key)


def _row(view: PersonView, attributes: str) -> list[str]:
    groups = ",".join(guarded(group.name) for group in view.groups)
    texts = (view.first_name, view.last_name, view.name, view.short_name, groups, attributes, view.cost_center)
    return [guarded(view.email), Operation.UPDATE.value, "", *map(guarded, texts), guarded(view.department)]


def _attributes(actor: Actor, user_ids: list[str]) -> dict[str, str]:
    with actor.session(read_only=True) as session:
        query = select(User.id, User.custom_attributes).where(User.id.in_(user_ids))
        return {user_id: write_attributes(found or {}) for user_id, found in session.execute(query)}


def _csv(rows: Sequence[Sequence[str]]) -> str:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
