"""The catalogue of app versions as an organization sees it: its own packages and those that the operator shares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import or_, select

from connectors.messages import N_
from domain.tenancy import system_session
from fleet.capabilities.levels import is_at_least, level
from fleet.panel_apps.models import AppPackage, MinimumVersion
from steps.printer_work import FileReference


class AppUpdate(StrEnum):
    """What an installed version is due (FL-285, FL-288)."""

    NONE = "none"
    AVAILABLE = "available"
    REQUIRED = "required"


UPDATE_TITLES = {
    AppUpdate.NONE: N_("No update available"),
    AppUpdate.AVAILABLE: N_("Available"),
    AppUpdate.REQUIRED: N_("Required"),
}


@dataclass(frozen=True, slots=True)
class CatalogueApp:
    """A version that can be installed where the printer's framework is at least `min_framework`."""

    id: str
    app_id: str
    name: str
    version: str
    min_framework: str
    file: FileReference


@dataclass(frozen=True, slots=True)
class AppCatalogue:
    """The packages by app id, and the minimum versions by app id."""

    packages: Mapping[str, Sequence[CatalogueApp]]
    minimums: Mapping[str, str]

    def newest(self, app_id: str, framework: str) -> CatalogueApp | None:
        """The newest version that a printer with that framework can run."""
        fitting = [one for one in self.packages.get(app_id, ()) if is_at_least(framework, one.min_framework)]
        return max(fitting, key=lambda one: level(one.version), default=None)

    def minimum(self, app_id: str) -> str:
        """The minimum version, empty for none."""
        return self.minimums.get(app_id, "")

    def update(self, app_id: str, installed: str, framework: str) -> AppUpdate:
        """What an installed version is due (FL-288)."""
        if not is_at_least(installed, self.minimum(app_id)):
            return AppUpdate.REQUIRED
        newest = self.newest(app_id, framework)
        is_newer = newest is not None and level(newest.version) > level(installed)
        return AppUpdate.AVAILABLE if is_newer else AppUpdate.NONE


def catalogue_for(organization_id: str) -> AppCatalogue:
    """What the organization may install and requires; read in a session of its own."""
    with system_session(read_only=True) as session:
        allowed = or_(AppPackage.organization_id == organization_id, AppPackage.is_shared)
        packages: dict[str, list[CatalogueApp]] = {}
        for row in session.scalars(select(AppPackage).where(allowed)):
            packages.setdefault(row.app_id, []).append(_app(row))
        query = select(MinimumVersion.app_id, MinimumVersion.version)
        minimums = session.execute(query.where(MinimumVersion.organization_id == organization_id)).tuples().all()
        return AppCatalogue(packages, dict(minimums))


def _app(row: AppPackage) -> CatalogueApp:
    file = FileReference(key=row.object_key, name=row.file_name, size=row.size, sha256=row.sha256)
    return CatalogueApp(row.id, row.app_id, row.name, row.version, row.min_framework, file)
