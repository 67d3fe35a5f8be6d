"""Panel apps over the fleet: packages taken in, minimum versions, which printers have what (FL-284…FL-288)."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from connectors.documents import open_store
from connectors.documents.file_names import safe_file_name
from connectors.errors import Fault
from connectors.messages import N_
from connectors.printers.files import read_app
from connectors.settings import get_settings
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND, new_id
from fleet.capabilities.levels import level
from fleet.panel_apps.catalogue import AppCatalogue, AppUpdate, catalogue_for
from fleet.panel_apps.models import AppPackage, MinimumVersion
from fleet.printers.models import Printer, PrinterApp

MEDIA_TYPE = "application/octet-stream"
ALREADY_THERE = Fault(
    "panel_app.already_there",
    409,
    N_("Version {version} of {name} is in the catalogue already."),
    N_("Delete that version first if its file is wrong."),
)
OPERATOR_NEEDED = Fault(
    "panel_app.operator_needed",
    403,
    N_("Only the operator shares apps with every organization."),
    N_("Ask the operator of this installation, or add the file to your own catalogue."),
)
BAD_VERSION = Fault(
    "panel_app.bad_version",
    422,
    N_("“{version}” is no version."),
    N_("Write numbers with dots between them, such as 2.4.19."),
)


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
    name: str
    installed: str
    update: AppUpdate
    newest: str
    minimum: str
    is_started: bool
    is_built_in: bool


def fleet_apps(actor: Actor, update: AppUpdate | None = None) -> list[AppOverview]:
    """Every installed app by name; with `update` only those that are due it (FL-285)."""
    actor.need(Permission.FLEET_VIEW)
    catalogue = catalogue_for(actor.organization_id)
    found: dict[str, list[AppOnPrinter]] = {}
    with actor.session(read_only=True) as session:
        for one in _on_printers(session, catalogue):
            found.setdefault(one[0], []).append(one[1])
    overviews = [_overview(app_id, there, catalogue) for app_id, there in found.items()]
    chosen = [one for one in overviews if update is None or one.update is update]
    return sorted(chosen, key=lambda one: (one.name.casefold(), one.app_id))


def printers_with(actor: Actor, app_id: str, update: AppUpdate | None = None) -> list[AppOnPrinter]:
    """The printers that have an app, by address (FL-287); raises `NOT_FOUND` where none has."""
    actor.need(Permission.FLEET_VIEW)
    catalogue = catalogue_for(actor.organization_id)
    with actor.session(read_only=True) as session:
        found = [one for _, one in _on_printers(session, catalogue, app_id)]
    if not found:
        raise NOT_FOUND(what="app")
    return [one for one in found if update is None or one.update is update]


def export_apps(actor: Actor) -> str:
    """The versions of all apps on all printers as CSV (FL-286)."""
    actor.need(Permission.FLEET_MANAGE)
    catalogue = catalogue_for(actor.organization_id)
    out = io.StringIO()
    writer = csv.writer(out)
    titles = ("app_id", "app", "address", "serial_number", "model", "installed", "newest", "minimum", "update")
    writer.writerow(titles)
    with actor.session(read_only=True) as session:
        for app_id, one in _on_printers(session, catalogue):
            cells = (app_id, one.name, one.address, one.serial_number, one.model, one.installed)
            writer.writerow([_harmless(cell) for cell in (*cells, one.newest, one.minimum, one.update.value)])
    return out.getvalue()


def list_packages(actor: Actor) -> list[tuple[str, str, str, str, bool]]:
    """The organization's own packages: id, name, version, lowest framework, and whether it is shared."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session(read_only=True) as session:
        rows = session.scalars(select(AppPackage).order_by(AppPackage.name, AppPackage.id)).all()
        return [(row.id, row.name, row.version, row.min_framework, row.is_shared) for row in rows]


def add_package(actor: Actor, path: Path, file_name: str, *, shared: bool = False) -> str:
    """Take a package in; returns its id. Raises the faults of `read_app`, `ALREADY_THERE` and `OPERATOR_NEEDED`."""
    actor.need(Permission.FLEET_MANAGE)
    if shared and not actor.is_operator:
        raise OPERATOR_NEEDED()
    name = safe_file_name(file_name)
    found = read_app(path, name)
    package = AppPackage(app_id=found.id[:64], name=found.name[:255], version=found.version[:32], file_name=name)
    package.min_framework, package.is_shared = found.min_framework[:16], shared
    package.object_key = f"{actor.organization_id}/fleet/apps/{new_id()}"
    package.organization_id = actor.organization_id
    store = open_store(get_settings())
    with path.open("rb") as source:
        stored = store.put(package.object_key, source, MEDIA_TYPE)
    package.size, package.sha256, package.uploader_id = stored.size, stored.sha256, actor.user_id or None
    try:
        with actor.session() as session:
            _check_new(session, package)
            session.add(package)
            session.flush()
            facts = {"name": package.name, "version": package.version}
            record(session, actor, "panel_app.added", "panel_app", package.app_id, facts | {"shared": str(shared)})
            return package.id
    except BaseException:
        store.delete(package.object_key)
        raise


def delete_package(actor: Actor, package_id: str) -> None:
    """Take an own package out of the catalogue; raises `NOT_FOUND`."""
    actor.need(Permission.FLEET_MANAGE)
    with actor.session() as session:
        package = session.scalar(select(AppPackage).where(AppPackage.id == package_id))
        if package is None:
            raise NOT_FOUND(what="app package")
        key = package.object_key
        facts = {"name": package.name, "version": package.version}
        record(session, actor, "panel_app.deleted", "panel_app", package.app_id, facts)
        session.delete(package)
    open_store(get_settings()).delete(key)


def set_minimum(actor: Actor, app_id: str, version: str) -> None:
    """Require at least that version of an app; empty: none. Raises `BAD_VERSION`, and `NOT_FOUND` for unknown apps."""
    actor.need(Permission.FLEET_MANAGE)
    wanted = version.strip()
    if wanted and not all(part.isdecimal() for part in wanted.split(".")):
        raise BAD_VERSION(version=wanted)
    known = app_id in catalogue_for(actor.organization_id).packages
    with actor.session() as session:
        if not known and session.scalar(select(PrinterApp.app_id).where(PrinterApp.app_id == app_id).limit(1)) is None:
            raise NOT_FOUND(what="app")
        session.execute(delete(MinimumVersion).where(MinimumVersion.app_id == app_id))
        if wanted:
            row = MinimumVersion(app_id=app_id[:64], version=wanted[:32])
            row.organization_id = actor.organization_id
            session.add(row)
        record(session, actor, "panel_app.minimum", "panel_app", app_id[:64], {"version": wanted})


def _check_new(session: Session, package: AppPackage) -> None:
    same = select(AppPackage.id).where(AppPackage.app_id == package.app_id, AppPackage.version == package.version)
    if session.scalar(same) is not None:
        raise ALREADY_THERE(version=package.version, name=package.name)


def _on_printers(session: Session, catalogue: AppCatalogue, app_id: str = "") -> list[tuple[str, AppOnPrinter]]:
    query = select(PrinterApp, Printer).join(Printer, Printer.id == PrinterApp.printer_id)
    if app_id:
        query = query.where(PrinterApp.app_id == app_id)
    rows = session.execute(query.order_by(Printer.address, Printer.id, PrinterApp.app_id)).tuples().all()
    return [(app.app_id, _on_printer(app, printer, catalogue)) for app, printer in rows]


def _on_printer(app: PrinterApp, printer: Printer, catalogue: AppCatalogue) -> AppOnPrinter:
    newest = catalogue.newest(app.app_id, printer.framework_version)
    return AppOnPrinter(
        printer_id=printer.id,
        address=printer.address,
        serial_number=printer.serial_number,
        model=printer.model,
        name=app.name,
        installed=app.version,
        update=catalogue.update(app.app_id, app.version, printer.framework_version),
        newest=newest.version if newest else "",
        minimum=catalogue.minimum(app.app_id),
        is_started=app.is_started,
        is_built_in=app.is_built_in,
    )


def _overview(app_id: str, there: Sequence[AppOnPrinter], catalogue: AppCatalogue) -> AppOverview:
    """The name is the one that most printers report (FL-283)."""
    names = [one.name for one in there]
    updates = {one.update for one in there}
    worst = next((one for one in (AppUpdate.REQUIRED, AppUpdate.AVAILABLE) if one in updates), AppUpdate.NONE)
    versions = [package.version for package in catalogue.packages.get(app_id, ())]
    return AppOverview(
        app_id=app_id,
        name=max(sorted(set(names)), key=names.count),
        printers=len(there),
        update=worst,
        printers_with_update=sum(one.update is not AppUpdate.NONE for one in there),
        newest=max(versions, key=level, default=""),
        minimum=catalogue.minimum(app_id),
    )


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: what printers call themselves is not ours."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
