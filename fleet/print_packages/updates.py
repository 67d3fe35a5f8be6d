"""Packages by which agents of workstations replace themselves: of this release, and of others kept here (PR-303)."""

import threading
from pathlib import Path

from connectors.errors import Fault
from connectors.messages import N_
from fleet.packages.building import ROOT, build_program
from fleet.packages.offers import offered, publish
from fleet.print_packages.contents import NEEDED_MORE, PROGRAM
from steps.agent_packages import OfferedPackage, PackageKind, PackageManifest, own_target
from steps.versions import VERSION

NO_UPDATE = Fault(
    "print_package.no_update",
    404,
    N_("There is no version {version} of the workstation program for the system “{target}”."),
    N_("Install it by hand, or have an operator add it with “pressroom packages”."),
    spec="PR-303",
)
_BUILDING = threading.Lock()
"""Many workstations ask for a new release at once: one builds its package, the others wait for it."""


def workstation_package(version: str, target: str) -> OfferedPackage:
    """The package of that version for a system; raises `NO_UPDATE`."""
    if (version, target) == (VERSION, own_target()):
        manifest = workstation_manifest()
        with _BUILDING:
            publish(manifest, lambda path: build_workstation(path, manifest))
    try:
        found = offered(PackageManifest(kind=PackageKind.WORKSTATION, version=version, target=target))
    except ValueError as error:
        raise NO_UPDATE(version=version, target=target) from error
    if found is None:
        raise NO_UPDATE(version=version, target=target)
    return found


def workstation_manifest(target: str = "") -> PackageManifest:
    """Of this release, for our own system or another one."""
    return PackageManifest(kind=PackageKind.WORKSTATION, version=VERSION, target=target or own_target())


def build_workstation(target: Path, manifest: PackageManifest, root: Path = ROOT, wheels: Path | None = None) -> None:
    """Write the package of the program under `root`; `wheels`: for another system. Raises `NO_WHEELS`."""
    build_program(target, manifest, PROGRAM, NEEDED_MORE, root, wheels)
