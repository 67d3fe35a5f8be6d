"""Which packages this installation offers: its own release, and newer ones that its operator has added (F-15, F-16)."""

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.documents import open_store
from connectors.errors import Fault
from connectors.messages import N_
from connectors.printers.levels import level
from connectors.settings import get_settings
from connectors.signatures import public_key, sign
from domain.tenancy import system_session
from fleet.packages.building import build_agent, build_library, library_manifest, read_manifest
from fleet.packages.models import AgentPackage
from steps.agent_packages import (
    EVERY_TARGET,
    SIGNATURES,
    OfferedPackage,
    PackageKind,
    PackageManifest,
    own_target,
    signed_statement,
)
from steps.printer_work import FileReference
from steps.printers.agent_itself import LIBRARY_VERSION, VERSION

NO_PACKAGE = Fault(
    "agent_package.unreadable",
    422,
    N_("The file {file} is no package of an agent: {problem}."),
    N_("Take a package that “pressroom packages build” has made."),
)
OTHER_CONTENT = Fault(
    "agent_package.other_content",
    409,
    N_("There is a package of version {version} for {target} already, with other content."),
    N_("Give the new package a version of its own."),
)
PLACE = "installation/agent-packages"
"""Where packages lie in the document store: no organization's place."""
OWN_VERSIONS = {PackageKind.AGENT: VERSION, PackageKind.LIBRARY: LIBRARY_VERSION}


def signing_key() -> str:
    """The public key by which agents check packages, in Base64."""
    return public_key(SIGNATURES)


def current_version(kind: PackageKind) -> str:
    """The newest version that is offered: at least that of this release; read in a session of its own."""
    with system_session(read_only=True) as session:
        known = session.scalars(select(AgentPackage.version).where(AgentPackage.kind == kind).distinct()).all()
    return max((*known, OWN_VERSIONS[kind]), key=level)


def offer(kind: PackageKind, target: str) -> OfferedPackage | None:
    """The newest package for a system; None where there is none. Read in a session of its own."""
    with system_session(read_only=True) as session:
        wanted = (AgentPackage.kind == kind, AgentPackage.target.in_((target, EVERY_TARGET)))
        rows = session.scalars(select(AgentPackage).where(*wanted)).all()
        newest = max(rows, key=lambda row: level(row.version), default=None)
        return _offered(newest) if newest is not None else None


def offered(manifest: PackageManifest) -> OfferedPackage | None:
    """Exactly that package, if there is one. Read in a session of its own."""
    with system_session(read_only=True) as session:
        row = _row(session, manifest)
        return _offered(row) if row is not None else None


def targets() -> list[str]:
    """The systems that there are packages of the newest agent for; ours is always among them."""
    version = current_version(PackageKind.AGENT)
    with system_session(read_only=True) as session:
        wanted = (AgentPackage.kind == PackageKind.AGENT, AgentPackage.version == version)
        found = set(session.scalars(select(AgentPackage.target).where(*wanted)))
    if version == VERSION:
        found.add(own_target())
    return sorted(found)


def publish_release() -> None:
    """See that the packages of this release for our own system are built, signed and kept."""
    agent = PackageManifest(kind=PackageKind.AGENT, version=VERSION, target=own_target())
    publish(agent, lambda path: build_agent(path, agent))
    library = library_manifest(LIBRARY_VERSION)
    publish(library, lambda path: build_library(path, library))


def add_package(file: Path) -> PackageManifest:
    """Offer a package that was built elsewhere; returns what it is. Raises `NO_PACKAGE`, `OTHER_CONTENT`."""
    try:
        manifest = read_manifest(file)
    except ValueError as error:
        raise NO_PACKAGE(file=file.name, problem=str(error)) from error
    _keep(manifest, file)
    return manifest


def publish(manifest: PackageManifest, build: Callable[[Path], None]) -> None:
    """See that a package is there: it is built, signed and kept where it is not."""
    with system_session(read_only=True) as session:
        if _row(session, manifest) is not None:
            return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "package.zip"
        build(path)
        _keep(manifest, path)


def _keep(manifest: PackageManifest, file: Path) -> None:
    """Put it into the store first: a row always has its file."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    key = f"{PLACE}/{sha256}"
    with file.open("rb") as stream:
        open_store(get_settings()).put(key, stream, "application/zip")
    row = AgentPackage(
        kind=manifest.kind,
        version=manifest.version,
        target=manifest.target,
        object_key=key,
        size=size,
        sha256=sha256,
        signature=sign(SIGNATURES, signed_statement(manifest, size, sha256)),
    )
    try:
        with system_session() as session:
            session.add(row)
    except IntegrityError as error:
        with system_session(read_only=True) as session:
            there = _row(session, manifest)
        if there is None or there.sha256 != sha256:
            raise OTHER_CONTENT(version=manifest.version, target=manifest.target) from error


def _row(session: Session, manifest: PackageManifest) -> AgentPackage | None:
    return session.scalar(
        select(AgentPackage).where(
            AgentPackage.kind == manifest.kind,
            AgentPackage.version == manifest.version,
            AgentPackage.target == manifest.target,
        )
    )


def _offered(row: AgentPackage) -> OfferedPackage:
    manifest = PackageManifest(kind=row.kind, version=row.version, target=row.target)
    name = f"pressroom-{row.kind}-{row.version}-{row.target}.zip"
    file = FileReference(key=row.object_key, name=name, size=row.size, sha256=row.sha256)
    return OfferedPackage(manifest=manifest, file=file, signature=row.signature)
