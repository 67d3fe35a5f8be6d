"""The catalogue of panel apps: packages taken in and deleted, minimum versions (FL-288)."""

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
from fleet.panel_apps.catalogue import catalogue_for
from fleet.panel_apps.models import AppPackage, MinimumVersion
from fleet.printers.models import PrinterApp

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
