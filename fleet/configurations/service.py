"""What is done with configurations as a whole: list, read, create, rename, delete, the default (FL-393…FL-395)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.organizations.person_names import person_names
from domain.tenancy import NOT_FOUND
from fleet.configurations.models import DRAFT, Configuration, ConfigurationVersion
from fleet.printers.models import Printer

NAME_MISSING = Fault(
    "configuration.name_missing",
    422,
    N_("The configuration needs a name."),
    N_("Enter a name of at most 255 characters."),
    spec="FL-348",
)
NAME_TAKEN = Fault(
    "configuration.name_taken",
    409,
    N_("There is a configuration “{name}” already."),
    N_("Choose another name; capital and small letters count as the same."),
    spec="FL-348",
)
NOT_PUBLISHED = Fault(
    "configuration.not_published",
    409,
    N_("“{name}” has no published version."),
    N_("Publish its draft first. A draft can only be tried on a single printer."),
    spec="FL-350",
)
LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class ConfigurationView:
    """A configuration in the list (FL-393): `version` is the newest published one, 0 where none is."""

    id: str
    name: str
    description: str
    version: int
    has_draft: bool
    is_default: bool
    assigned: int
    changed: datetime
    editor: str
    publisher: str
    published: datetime | None

    @property
    def is_published(self) -> bool:
        return self.version > 0


def list_configurations(actor: Actor, *, published: bool = False) -> list[ConfigurationView]:
    """All of them, the last changed first (FL-400); `published`: only those that can be deployed."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session(read_only=True) as session:
        query = select(Configuration).order_by(Configuration.changed.desc(), Configuration.id)
        views = _views(actor, session, session.scalars(query).all())
    return [view for view in views if view.is_published or not published]


def get_configuration(actor: Actor, configuration_id: str) -> ConfigurationView:
    """One of them; raises `NOT_FOUND`."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session(read_only=True) as session:
        return _views(actor, session, [configuration_of(session, configuration_id)])[0]


def create_configuration(actor: Actor, name: str, description: str = "") -> str:
    """A new one with an empty draft; returns its id. Raises `NAME_MISSING` and `NAME_TAKEN`."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session() as session:
        configuration = new_configuration(session, actor, name, description)
        session.add(ConfigurationVersion(configuration_id=configuration.id, content={}))
        record(session, actor, "configuration.created", "configuration", configuration.id, {"name": configuration.name})
        return configuration.id


def change_configuration(actor: Actor, configuration_id: str, name: str, description: str) -> None:
    """Change name and description, which belong to no version; raises `NAME_MISSING` and `NAME_TAKEN`."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session() as session:
        configuration = configuration_of(session, configuration_id)
        configuration.name, configuration.description = checked_name(name), description.strip()[:1000]
        configuration.name_key = configuration.name.casefold()
        edited(configuration, actor)
        _flush(session, configuration)
        facts = {"name": configuration.name}
        record(session, actor, "configuration.changed", "configuration", configuration.id, facts)


def delete_configurations(actor: Actor, configuration_ids: Sequence[str]) -> None:
    """Delete them, all or none; nothing changes on printers (FL-394). Assignments are cleared with them (A-23)."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session() as session:
        for one in dict.fromkeys(configuration_ids):
            configuration = configuration_of(session, one)
            assigned = update(Printer).where(Printer.assigned_configuration_id == configuration.id)
            session.execute(assigned.values(assigned_configuration_id=None, compliance=None, compliance_at=None))
            facts = {"name": configuration.name}
            record(session, actor, "configuration.deleted", "configuration", configuration.id, facts)
            session.delete(configuration)


def set_default(actor: Actor, configuration_id: str) -> None:
    """Newly enrolled printers get it from now on, instead of another (FL-395); raises `NOT_PUBLISHED`."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session() as session:
        configuration = configuration_of(session, configuration_id)
        newest_version(session, configuration)
        session.execute(update(Configuration).values(is_default=False))
        configuration.is_default = True
        facts = {"name": configuration.name}
        record(session, actor, "configuration.made_default", "configuration", configuration.id, facts)


def remove_default(actor: Actor, configuration_id: str) -> None:
    """Newly enrolled printers get nothing any more (FL-395)."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session() as session:
        configuration = configuration_of(session, configuration_id)
        configuration.is_default = False
        facts = {"name": configuration.name}
        record(session, actor, "configuration.no_longer_default", "configuration", configuration.id, facts)


def configuration_of(session: Session, configuration_id: str) -> Configuration:
    """The configuration of the session's organization; raises `NOT_FOUND`."""
    configuration = session.scalar(select(Configuration).where(Configuration.id == configuration_id))
    if configuration is None:
        raise NOT_FOUND(what="configuration")
    return configuration


def newest_version(session: Session, configuration: Configuration) -> ConfigurationVersion:
    """The newest published version; raises `NOT_PUBLISHED`."""
    query = select(ConfigurationVersion).where(
        ConfigurationVersion.configuration_id == configuration.id, ConfigurationVersion.number > DRAFT
    )
    version = session.scalars(query.order_by(ConfigurationVersion.number.desc()).limit(1)).first()
    if version is None:
        raise NOT_PUBLISHED(name=configuration.name)
    return version


def new_configuration(session: Session, actor: Actor, name: str, description: str) -> Configuration:
    """A row without any version yet; raises `NAME_MISSING` and `NAME_TAKEN`."""
    name = checked_name(name)
    configuration = Configuration(name=name, name_key=name.casefold(), description=description.strip()[:1000])
    edited(configuration, actor)
    session.add(configuration)
    _flush(session, configuration)
    return configuration


def edited(configuration: Configuration, actor: Actor) -> None:
    """Note who changed it now (FL-393)."""
    configuration.changed, configuration.editor_id = now(), actor.user_id or None


def checked_name(text: str) -> str:
    """The name as it is kept; raises `NAME_MISSING`."""
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME:
        raise NAME_MISSING()
    return name


def _flush(session: Session, configuration: Configuration) -> None:
    query = select(Configuration.id).where(
        Configuration.name_key == configuration.name_key, Configuration.id != configuration.id
    )
    with session.no_autoflush:
        taken = session.scalar(query)
    if taken is not None:
        raise NAME_TAKEN(name=configuration.name)
    try:
        session.flush()
    except IntegrityError as error:
        raise NAME_TAKEN(name=configuration.name) from error


def _views(actor: Actor, session: Session, configurations: Sequence[Configuration]) -> list[ConfigurationView]:
    ids = [configuration.id for configuration in configurations]
    versions = _versions(session, ids)
    assigned = _assigned(session, ids)
    people = {one.editor_id for one in configurations}
    people |= {version.publisher_id for found in versions.values() for version in found}
    names = person_names(actor.organization_id, {one for one in people if one})
    return [_view(one, versions.get(one.id, []), assigned.get(one.id, 0), names) for one in configurations]


def _view(
    configuration: Configuration, versions: Sequence[ConfigurationVersion], assigned: int, names: Mapping[str, str]
) -> ConfigurationView:
    newest = max(versions, key=lambda version: version.number, default=None)
    is_published = newest is not None and newest.number > DRAFT
    return ConfigurationView(
        id=configuration.id,
        name=configuration.name,
        description=configuration.description,
        version=newest.number if newest is not None else DRAFT,
        has_draft=any(version.number == DRAFT for version in versions),
        is_default=configuration.is_default,
        assigned=assigned,
        changed=configuration.changed,
        editor=names.get(configuration.editor_id or "", ""),
        publisher=names.get(newest.publisher_id or "", "") if newest is not None and is_published else "",
        published=newest.published if newest is not None else None,
    )


def _versions(session: Session, ids: Sequence[str]) -> dict[str, list[ConfigurationVersion]]:
    """The draft and the newest published version of each."""
    newest = (
        select(ConfigurationVersion.configuration_id, func.max(ConfigurationVersion.number).label("number"))
        .where(ConfigurationVersion.configuration_id.in_(ids))
        .group_by(ConfigurationVersion.configuration_id)
        .subquery()
    )
    query = select(ConfigurationVersion).join(
        newest, newest.c.configuration_id == ConfigurationVersion.configuration_id
    )
    query = query.where((ConfigurationVersion.number == DRAFT) | (ConfigurationVersion.number == newest.c.number))
    found: dict[str, list[ConfigurationVersion]] = {}
    for version in session.scalars(query):
        found.setdefault(version.configuration_id, []).append(version)
    return found


def _assigned(session: Session, ids: Sequence[str]) -> dict[str, int]:
    query = (
        select(Printer.assigned_configuration_id, func.count())
        .where(Printer.assigned_configuration_id.in_(ids))
        .group_by(Printer.assigned_configuration_id)
    )
    return {str(one): count for one, count in session.execute(query)}
