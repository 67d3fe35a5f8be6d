"""Which panel apps the fleet has, on which printers, and what they are due; as lists and as files (FL-284…FL-288)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session

from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from fleet.capabilities.levels import level
from fleet.panel_apps.catalogue import UPDATE_TITLES, AppCatalogue, AppUpdate, catalogue_for
from fleet.printers.cells import Words
from fleet.printers.csv_rows import csv_pieces
from fleet.printers.identification import printer_row
from fleet.printers.models import Printer, PrinterApp

CHUNK = 500
APP_TITLES = (
    N_("App"), N_("Id"), N_("Printers"), N_("App update"), N_("Printers with update"), N_("Newest version"),
    N_("Minimum version"),
)  # fmt: skip
PRINTER_TITLES = (
    N_("IP address"), N_("Serial number"), N_("Model"), N_("App"), N_("Installed version"), N_("App update"),
    N_("App update version"), N_("Minimum version"), N_("State"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AppOverview:
    """An app over all printers of the organization (FL-284)."""

    app_id: str
    name: str
    printers: int
    update: AppUpdate
    printers_with_update: int
    newest: str
    minimum: str


@dataclass(frozen=True, slots=True)
class AppOnPrinter:
    """An app on one printer (FL-287)."""

    printer_id: str
    address: str
    serial_number: str
    model: str
    app_id: str
    name: str
    installed: str
    update: AppUpdate
    newest: str
    minimum: str
    is_started: bool
    is_built_in: bool


@dataclass(frozen=True, slots=True)
class _Installed:
    """So many printers with the same framework have an app in the same version under the same name."""

    name: str
    version: str
    framework: str
    printers: int


def fleet_apps(actor: Actor, update: AppUpdate | None = None) -> list[AppOverview]:
    """Every installed app by name; with `update` only those that are due it (FL-285)."""
    actor.need(Permission.FLEET_VIEW)
    catalogue = catalogue_for(actor.organization_id)
    columns = PrinterApp.app_id, PrinterApp.name, PrinterApp.version, Printer.framework_version
    query = select(*columns, func.count()).join(Printer, Printer.id == PrinterApp.printer_id).group_by(*columns)
    found: dict[str, list[_Installed]] = {}
    with actor.session(read_only=True) as session:
        for app_id, name, version, framework, count in session.execute(query):
            found.setdefault(app_id, []).append(_Installed(name, version, framework, count))
    overviews = [_overview(app_id, there, catalogue) for app_id, there in found.items()]
    chosen = [one for one in overviews if update is None or one.update is update]
    return sorted(chosen, key=lambda one: (one.name.casefold(), one.app_id))


def printers_with(
    actor: Actor,
    app_id: str,
    update: AppUpdate | None = None,
    after: tuple[str, str] | None = None,
    limit: int | None = None,
) -> list[AppOnPrinter]:
    """The printers that have an app, by address (FL-287); raises `NOT_FOUND` where none has.

    `after` is the address and the id of the last printer of the page before, `limit` the most that are returned.
    """
    actor.need(Permission.FLEET_VIEW)
    with actor.session(read_only=True) as session:
        if session.scalar(select(PrinterApp.app_id).where(PrinterApp.app_id == app_id).limit(1)) is None:
            raise NOT_FOUND(what="app")
    found: list[AppOnPrinter] = []
    for one in _every_printer(actor, app_id, after):
        if update is None or one.update is update:
            found.append(one)
            if len(found) == limit:
                break
    return found


def count_printers_with(actor: Actor, app_id: str) -> int:
    """How many printers have an app."""
    actor.need(Permission.FLEET_VIEW)
    with actor.session(read_only=True) as session:
        return session.scalar(select(func.count()).select_from(PrinterApp).where(PrinterApp.app_id == app_id)) or 0


def apps_on(actor: Actor, printer_id: str) -> list[AppOnPrinter]:
    """The apps of one printer by name, and what they are due (FL-220, FL-278); raises `NOT_FOUND`."""
    actor.need(Permission.FLEET_VIEW)
    catalogue = catalogue_for(actor.organization_id)
    with actor.session(read_only=True) as session:
        printer_row(session, printer_id)
        query = _rows().where(PrinterApp.printer_id == printer_id).order_by(PrinterApp.name, PrinterApp.app_id)
        return _on_printers(session, catalogue, query)


def export_apps(actor: Actor, words: Words) -> Iterator[str]:
    """The list of apps as a CSV file (FL-286, FL-316)."""
    _note_export(actor, "")
    rows = (
        (
            one.name,
            one.app_id,
            str(one.printers),
            words.say(UPDATE_TITLES[one.update]),
            str(one.printers_with_update),
            one.newest,
            one.minimum,
        )
        for one in fleet_apps(actor)
    )
    return csv_pieces([words.say(title) for title in APP_TITLES], rows)


def export_printers_with(actor: Actor, app_id: str, words: Words, update: AppUpdate | None = None) -> Iterator[str]:
    """The printers of one app as a CSV file (FL-287, FL-317); raises `NOT_FOUND` where none has it."""
    printers_with(actor, app_id, limit=1)
    _note_export(actor, app_id)
    rows = (_cells(one, words) for one in _every_printer(actor, app_id) if update is None or one.update is update)
    return csv_pieces([words.say(title) for title in PRINTER_TITLES], rows)


def _cells(one: AppOnPrinter, words: Words) -> Sequence[str]:
    state = words.say(N_("Started") if one.is_started else N_("Stopped"))
    due = words.say(UPDATE_TITLES[one.update])
    printer = one.address, one.serial_number, one.model
    return (*printer, one.name, one.installed, due, one.newest, one.minimum, state)


def _note_export(actor: Actor, app_id: str) -> None:
    actor.need(Permission.FLEET_MANAGE)
    with actor.session() as session:
        record(session, actor, "printer_apps.exported", "panel_app", app_id[:64])


def _every_printer(actor: Actor, app_id: str, after: tuple[str, str] | None = None) -> Iterator[AppOnPrinter]:
    """Those that have the app, read some at a time."""
    catalogue = catalogue_for(actor.organization_id)
    order = Printer.address, Printer.id
    while True:
        query = _rows().where(PrinterApp.app_id == app_id).order_by(*order).limit(CHUNK)
        if after is not None:
            query = query.where(tuple_(*order) > after)
        with actor.session(read_only=True) as session:
            some = _on_printers(session, catalogue, query)
        yield from some
        if len(some) < CHUNK:
            return
        after = some[-1].address, some[-1].printer_id


def _rows() -> Select[tuple[PrinterApp, Printer]]:
    return select(PrinterApp, Printer).join(Printer, Printer.id == PrinterApp.printer_id)


def _on_printers(
    session: Session, catalogue: AppCatalogue, query: Select[tuple[PrinterApp, Printer]]
) -> list[AppOnPrinter]:
    return [_on_printer(app, printer, catalogue) for app, printer in session.execute(query).tuples()]


def _on_printer(app: PrinterApp, printer: Printer, catalogue: AppCatalogue) -> AppOnPrinter:
    newest = catalogue.newest(app.app_id, printer.framework_version)
    return AppOnPrinter(
        printer_id=printer.id,
        address=printer.address,
        serial_number=printer.serial_number,
        model=printer.model,
        app_id=app.app_id,
        name=app.name,
        installed=app.version,
        update=catalogue.update(app.app_id, app.version, printer.framework_version),
        newest=newest.version if newest else "",
        minimum=catalogue.minimum(app.app_id),
        is_started=app.is_started,
        is_built_in=app.is_built_in,
    )


def _overview(app_id: str, there: Sequence[_Installed], catalogue: AppCatalogue) -> AppOverview:
    """The name is the one that most printers report (FL-283)."""
    names: Counter[str] = Counter()
    due: Counter[AppUpdate] = Counter()
    for one in sorted(there, key=lambda one: one.name):
        names[one.name] += one.printers
        due[catalogue.update(app_id, one.version, one.framework)] += one.printers
    worst = next((one for one in (AppUpdate.REQUIRED, AppUpdate.AVAILABLE) if due[one]), AppUpdate.NONE)
    versions = [package.version for package in catalogue.packages.get(app_id, ())]
    return AppOverview(
        app_id=app_id,
        name=names.most_common(1)[0][0],
        printers=names.total(),
        update=worst,
        printers_with_update=due[AppUpdate.REQUIRED] + due[AppUpdate.AVAILABLE],
        newest=max(versions, key=level, default=""),
        minimum=catalogue.minimum(app_id),
    )
