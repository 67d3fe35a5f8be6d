"""Apps of the catalogue for configurations: what is offered, and taking one into the resource library (FL-357)."""

from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from connectors.documents import open_store
from connectors.printers.files import FileKind
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND
from fleet.capabilities.levels import level
from fleet.panel_apps.catalogue import CatalogueApp, catalogue_for
from fleet.resources.models import Resource
from fleet.resources.service import ResourceView, add_resource, view_of


def offered_apps(actor: Actor) -> list[CatalogueApp]:
    """The versions that the organization may install, by name, the newest of each app first."""
    actor.need(Permission.FLEET_CONFIGURE)
    packages = [one for some in catalogue_for(actor.organization_id).packages.values() for one in some]
    newest_first = sorted(packages, key=lambda one: level(one.version), reverse=True)
    return sorted(newest_first, key=lambda one: (one.name.casefold(), one.app_id))


def take_into_library(actor: Actor, package_id: str) -> ResourceView:
    """The version as a resource: the one that the library holds already, or a copy. Raises `NOT_FOUND`."""
    package = next((one for one in offered_apps(actor) if one.id == package_id), None)
    if package is None:
        raise NOT_FOUND(what="app package")
    with actor.session(read_only=True) as session:
        same = Resource.is_listed, Resource.kind == FileKind.APP, Resource.sha256 == package.file.sha256
        present = session.scalars(select(Resource).where(*same).order_by(Resource.id).limit(1)).first()
        if present is not None:
            return view_of(present)
    settings = get_settings()
    settings.scratch_folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="app-", dir=settings.scratch_folder) as folder:
        path = Path(folder) / "package"
        open_store(settings).fetch(package.file.key, path, package.file.sha256)
        return add_resource(actor, f"{package.name} {package.version}", "", path, package.file.name)
