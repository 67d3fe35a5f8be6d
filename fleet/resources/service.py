"""What is done with the resource library: taking files in, verifying firmware, listing, changing, deleting.

A file is looked into before it is taken (FL-271), and stored once. A resource that a configuration uses stays as it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from connectors.documents import Document, open_store
from connectors.documents.file_names import safe_file_name
from connectors.errors import Fault
from connectors.messages import N_
from connectors.printers.files import (
    AppFile,
    BundleFile,
    FileKind,
    PrinterFile,
    SettingsFile,
    inspect_file,
    read_firmware,
)
from connectors.printers.firmware_web import fetch_firmware, firmware_address
from connectors.settings import get_settings
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND, new_id, system_session
from fleet.configurations.models import Configuration, ConfigurationResource, ConfigurationVersion
from fleet.resources.models import Resource

MEDIA_TYPES = {
    FileKind.SETTINGS_FILE: "text/plain",
    FileKind.BUNDLE: "application/zip",
    FileKind.APP: "application/octet-stream",
    FileKind.FIRMWARE: "application/octet-stream",
}
DOWNLOADABLE = (FileKind.BUNDLE, FileKind.APP)
"""What can be downloaded again (FL-345)."""

IN_USE = Fault(
    "resource.in_use",
    409,
    N_("“{name}” is used by: {users}."),
    N_("Delete those configurations, or take it out of their drafts, first."),
    spec="FL-343",
)
NAME_MISSING = Fault("resource.name_missing", 422, N_("The resource needs a name."), N_("Enter a name."), spec="FL-342")
NOT_DOWNLOADABLE = Fault(
    "resource.not_downloadable",
    409,
    N_("“{name}” cannot be downloaded."),
    N_("Only imported apps and settings bundles can be downloaded."),
    spec="FL-345",
)
NOT_VERIFIED = Fault(
    "resource.not_verified",
    409,
    N_("The firmware has not been verified."),
    N_("Press “Verify” and wait for its result, then save."),
    spec="FL-342",
)


@dataclass(frozen=True, slots=True)
class ResourceView:
    """A resource as the library shows it; `used_by` are the names of configurations."""

    id: str
    kind: FileKind
    name: str
    description: str
    file_name: str
    size: int
    source: str
    facts: Mapping[str, Any]
    created: datetime
    used_by: tuple[str, ...] = ()

    @property
    def is_downloadable(self) -> bool:
        return self.kind in DOWNLOADABLE


def list_resources(actor: Actor, kind: FileKind | None = None) -> list[ResourceView]:
    """The library by name (FL-345)."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session(read_only=True) as session:
        query = select(Resource).where(Resource.is_listed).order_by(Resource.name, Resource.id)
        if kind is not None:
            query = query.where(Resource.kind == kind)
        found = session.scalars(query).all()
        users = _users(session, [resource.id for resource in found])
        return [view_of(resource, users.get(resource.id, ())) for resource in found]


def get_resource(actor: Actor, resource_id: str) -> ResourceView:
    """One resource of the library; raises `NOT_FOUND`."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session(read_only=True) as session:
        resource = _resource(session, resource_id)
        return view_of(resource, _users(session, [resource.id]).get(resource.id, ()))


def add_resource(actor: Actor, name: str, description: str, path: Path, file_name: str) -> ResourceView:
    """Take a file into the library (FL-338…FL-342); raises what `inspect_file` raises, and `NAME_MISSING`."""
    return _add(actor, _checked_name(name), description, path, file_name, is_listed=True)


def add_single_file(actor: Actor, path: Path, file_name: str) -> ResourceView:
    """Take in a file that is deployed once and does not enter the library (FL-273)."""
    return _add(actor, safe_file_name(file_name), "", path, file_name, is_listed=False)


def forget_single_file(actor: Actor, resource_id: str) -> None:
    """Remove a file that is deployed no more and is not in the library."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session() as session:
        single = Resource.id == resource_id, Resource.is_listed.is_(False)
        key = session.scalar(delete(Resource).where(*single).returning(Resource.object_key))
    if key is not None:
        open_store(get_settings()).delete(key)


def remove_single_files(before: datetime) -> int:
    """Remove files outside the library that were taken in before that moment, in all organizations; returns how many.

    Those are files of one deployment, and firmware that was verified and not saved.
    """
    with system_session() as session:
        old = Resource.is_listed.is_(False), Resource.created < before
        keys = session.scalars(delete(Resource).where(*old).returning(Resource.object_key)).all()
    store = open_store(get_settings())
    for key in keys:
        store.delete(key)
    return len(keys)


def verify_firmware(actor: Actor, source: str) -> ResourceView:
    """Fetch firmware from an address or by its build name, and look into it (FL-340).

    What is returned is not in the library yet: `keep_firmware` saves it. Raises the faults of
    `connectors.printers.firmware_web`, and `NOT_WHAT_IT_SAYS` for anything but firmware.
    """
    actor.need(Permission.FLEET_CONFIGURE)
    settings, source = get_settings(), source.strip()
    address = firmware_address(source, settings)
    settings.scratch_folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="firmware-", dir=settings.scratch_folder) as folder:
        path = Path(folder) / "image"
        fetch_firmware(address, path, settings)
        file_name = safe_file_name(address.rpartition("/")[2] or source)
        firmware = read_firmware(path, file_name)
        facts = {"level": firmware.level, "models": list(firmware.models)}
        new = Resource(kind=FileKind.FIRMWARE, name=source[:255], file_name=file_name, facts=facts, is_listed=False)
        new.source = source
        return _store(actor, new, path)


def keep_firmware(actor: Actor, resource_id: str, name: str, description: str) -> ResourceView:
    """Put verified firmware into the library (FL-342); raises `NOT_VERIFIED` for anything else."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session() as session:
        resource = session.scalar(select(Resource).where(Resource.id == resource_id))
        if resource is None or resource.kind != FileKind.FIRMWARE:
            raise NOT_VERIFIED()
        resource.name, resource.description, resource.is_listed = _checked_name(name), description.strip(), True
        record(session, actor, "resource.created", "resource", resource.id, {"name": name, "kind": resource.kind})
        return view_of(resource)


def change_resource(actor: Actor, resource_id: str, name: str, description: str) -> ResourceView:
    """Change name and description of a resource that no configuration uses (FL-343); raises `IN_USE`."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session() as session:
        resource = _resource(session, resource_id)
        _check_unused(session, [resource])
        resource.name, resource.description = _checked_name(name), description.strip()
        record(session, actor, "resource.changed", "resource", resource.id, {"name": resource.name})
        return view_of(resource)


def delete_resources(actor: Actor, resource_ids: Sequence[str]) -> None:
    """Delete resources, all or none; raises `IN_USE` (FL-344) and `NOT_FOUND`."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session() as session:
        resources = [_resource(session, one) for one in dict.fromkeys(resource_ids)]
        _check_unused(session, resources)
        keys = [resource.object_key for resource in resources]
        for resource in resources:
            record(session, actor, "resource.deleted", "resource", resource.id, {"name": resource.name})
            session.delete(resource)
    store = open_store(get_settings())
    for key in keys:
        store.delete(key)


@contextmanager
def open_resource(actor: Actor, resource_id: str) -> Iterator[tuple[Document, BinaryIO]]:
    """The file of an imported app or settings bundle (FL-345); raises `NOT_DOWNLOADABLE`."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session(read_only=True) as session:
        resource = _resource(session, resource_id)
        if resource.kind not in DOWNLOADABLE:
            raise NOT_DOWNLOADABLE(name=resource.name)
        document = Document(
            key=resource.object_key,
            name=resource.file_name,
            media_type=MEDIA_TYPES[FileKind(resource.kind)],
            size=resource.size,
            sha256=resource.sha256,
        )
    with open_store(get_settings()).open(document.key, document.sha256) as stream:
        yield document, stream


def copy_resource(actor: Actor, resource_id: str, target: Path) -> None:
    """Write the file of a resource of the library to `target`, checked; raises `NOT_FOUND`."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session(read_only=True) as session:
        resource = _resource(session, resource_id)
        key, sha256 = resource.object_key, resource.sha256
    open_store(get_settings()).fetch(key, target, sha256)


def view_of(resource: Resource, used_by: tuple[str, ...] = ()) -> ResourceView:
    """The resource as the library shows it."""
    return ResourceView(
        id=resource.id,
        kind=FileKind(resource.kind),
        name=resource.name,
        description=resource.description,
        file_name=resource.file_name,
        size=resource.size,
        source=resource.source,
        facts=resource.facts,
        created=resource.created,
        used_by=used_by,
    )


def _add(actor: Actor, name: str, description: str, path: Path, file_name: str, *, is_listed: bool) -> ResourceView:
    actor.need(Permission.FLEET_CONFIGURE)
    file_name = safe_file_name(file_name)
    kind, content = inspect_file(path, file_name)
    new = Resource(kind=kind, name=name, description=description.strip(), file_name=file_name, is_listed=is_listed)
    new.facts = _facts(content)
    return _store(actor, new, path)


def _store(actor: Actor, new: Resource, path: Path) -> ResourceView:
    """Store the file, then write its row; a file whose row could not be written is removed again."""
    store = open_store(get_settings())
    new.object_key = f"{actor.organization_id}/fleet/resources/{new_id()}"
    with path.open("rb") as source:
        stored = store.put(new.object_key, source, MEDIA_TYPES[FileKind(new.kind)])
    new.size, new.sha256, new.creator_id = stored.size, stored.sha256, actor.user_id or None
    try:
        with actor.session() as session:
            session.add(new)
            session.flush()
            if new.is_listed:
                facts = {"name": new.name, "kind": new.kind}
                record(session, actor, "resource.created", "resource", new.id, facts)
            return view_of(new)
    except BaseException:
        store.delete(new.object_key)
        raise


def _facts(content: PrinterFile) -> dict[str, Any]:
    match content:
        case AppFile():
            return {**asdict(content), "settings": dict(content.settings)}
        case SettingsFile():
            return {"model": content.model, "settings": len(content.values)}
        case BundleFile():
            return {
                "models": list(content.models),
                "settings": len(content.values),
                "login_methods": content.login_methods is not None,
                "apps": [f"{app.name} {app.version}" for app in content.apps],
                "others": list(content.others),
            }


def _checked_name(text: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise NAME_MISSING()
    return name[:255]


def _resource(session: Session, resource_id: str) -> Resource:
    resource = session.scalar(select(Resource).where(Resource.id == resource_id, Resource.is_listed))
    if resource is None:
        raise NOT_FOUND(what="resource")
    return resource


def _check_unused(session: Session, resources: Sequence[Resource]) -> None:
    users = _users(session, [resource.id for resource in resources])
    for resource in resources:
        if resource.id in users:
            raise IN_USE(name=resource.name, users=", ".join(users[resource.id]))


def _users(session: Session, resource_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    query = (
        select(ConfigurationResource.resource_id, Configuration.name)
        .join(ConfigurationVersion, ConfigurationVersion.id == ConfigurationResource.version_id)
        .join(Configuration, Configuration.id == ConfigurationVersion.configuration_id)
        .where(ConfigurationResource.resource_id.in_(resource_ids))
        .distinct()
        .order_by(Configuration.name)
    )
    users: dict[str, tuple[str, ...]] = {}
    for resource_id, name in session.execute(query):
        users[resource_id] = (*users.get(resource_id, ()), name)
    return users
