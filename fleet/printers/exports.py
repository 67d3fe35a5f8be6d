"""Printers as CSV files (FL-314, FL-315, FL-528): the present view under the present filters, and installed apps.

Files are written as they are read, a page of printers at a time. What a spreadsheet would take for a formula gets an
apostrophe before it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy import select

from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from fleet.printers.cells import Words, cell_text
from fleet.printers.columns import COLUMNS, Column
from fleet.printers.csv_rows import csv_pieces
from fleet.printers.filters import PrinterFilter
from fleet.printers.listing import LARGEST_PAGE, PrinterQuery, check_sorting, list_printers
from fleet.printers.models import PrinterApp
from fleet.printers.rows import PrinterView
from fleet.printers.scope import printer_scope

APP_COLUMNS = (Column.ORGANIZATION, Column.ADDRESS, Column.SERIAL_NUMBER, Column.MODEL)
"""What identifies a printer in the file of installed apps."""


def export_printers(actor: Actor, query: PrinterQuery, columns: Sequence[Column], words: Words) -> Iterator[str]:
    """The list's printers, all pages, with these columns; raises `NOT_SORTABLE`, and is recorded, before the first."""
    check_sorting(query)
    _record(actor, "printers.exported", across=query.across)
    titles = [words.say(COLUMNS[column].title) for column in columns]
    query = replace(query, columns=frozenset(columns))
    rows = ([cell_text(view, column, words) for column in columns] for view in _every_printer(actor, query))
    return csv_pieces(titles, rows)


def export_installed_apps(actor: Actor, words: Words, *, across: bool = False) -> Iterator[str]:
    """Every printer with the version of every app that there is in the fleet, a column for each app."""
    _record(actor, "printer_apps.exported", across=across)
    apps = installed_apps(actor, across=across)
    titles = [words.say(COLUMNS[column].title) for column in APP_COLUMNS]
    titles += [words.say(N_("{app} ({id})"), app=name, id=app_id) for app_id, name in apps]
    return csv_pieces(titles, _app_rows(actor, [app_id for app_id, _name in apps], words, across=across))


def _record(actor: Actor, action: str, *, across: bool) -> None:
    actor.need(Permission.FLEET_ALL_ORGANIZATIONS if across else Permission.FLEET_MANAGE)
    with actor.session() as session:
        record(session, actor, action, "organization", actor.organization_id)


def _every_printer(actor: Actor, query: PrinterQuery) -> Iterator[PrinterView]:
    query = replace(query, after=None, limit=LARGEST_PAGE)
    while found := list_printers(actor, query):
        yield from found
        query = replace(query, after=found[-1].key)


def installed_apps(actor: Actor, *, across: bool = False) -> list[tuple[str, str]]:
    """Every app that there is in the fleet, by its id, with one of its names (FL-283)."""
    with printer_scope(actor, across=across) as scope:
        query = select(PrinterApp.app_id, PrinterApp.name).where(PrinterApp.organization_id.in_(scope.ids)).distinct()
        names: dict[str, str] = {}
        for app_id, name in scope.session.execute(query.order_by(PrinterApp.name)):
            names.setdefault(app_id, name)
        return list(names.items())


def _app_rows(actor: Actor, app_ids: Sequence[str], words: Words, *, across: bool) -> Iterator[list[str]]:
    query = PrinterQuery(PrinterFilter(), limit=LARGEST_PAGE, columns=frozenset(), across=across)
    while found := list_printers(actor, query):
        with printer_scope(actor, across=across) as scope:
            rows = select(PrinterApp.printer_id, PrinterApp.app_id, PrinterApp.version)
            of_page = scope.session.execute(rows.where(PrinterApp.printer_id.in_([view.id for view in found]))).all()
        versions = {(printer_id, app_id): version for printer_id, app_id, version in of_page}
        for view in found:
            cells = [cell_text(view, column, words) for column in APP_COLUMNS]
            yield cells + [versions.get((view.id, app_id), "") for app_id in app_ids]
        query = replace(query, after=found[-1].key)
