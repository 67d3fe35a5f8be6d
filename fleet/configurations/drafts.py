"""Versions of a configuration: reading them, saving a draft, publishing it, beginning another, giving it up.

A published version is never changed (FL-397, A-25); it stays in use until its successor is published.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from connectors.errors import Fault
from connectors.messages import N_, Message
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.models import now
from domain.organizations.permissions import Permission
from domain.organizations.person_names import person_names
from domain.tenancy import NOT_FOUND
from fleet.configurations.app_rules import conflicts
from fleet.configurations.content import (
    ConfigurationContent,
    content_of,
    keep_content,
    kept_secrets,
    with_secrets,
)
from fleet.configurations.models import (
    DRAFT,
    Configuration,
    ConfigurationResource,
    ConfigurationVersion,
    VariableFile,
    VariableRow,
)
from fleet.configurations.rules import INVALID, Variables, advice, problems
from fleet.configurations.service import configuration_of, edited
from fleet.configurations.variables import column_values, value_problem
from fleet.resources.models import Resource
from fleet.resources.service import ResourceView, view_of

DRAFT_EXISTS = Fault(
    "configuration.draft_exists",
    409,
    N_("“{name}” has a draft already."),
    N_("Open the draft, or delete it first."),
    spec="FL-397",
)
NO_DRAFT = Fault(
    "configuration.no_draft",
    409,
    N_("“{name}” has no draft: published versions cannot be edited."),
    N_("Create a new draft, edit and publish it."),
    spec="FL-397",
)
EMPTY = Fault(
    "configuration.empty",
    422,
    N_("“{name}” holds nothing that could be deployed."),
    N_("Choose firmware, apps, settings or login methods first."),
    spec="FL-346",
)


@dataclass(frozen=True, slots=True)
class VariableFileView:
    """The variable settings file of a version (FL-369)."""

    name: str
    asset_kind: str
    columns: tuple[str, ...]
    row_count: int


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version with its content, in which secrets are masked, and the resources it uses by id."""

    configuration_id: str
    number: int
    content: ConfigurationContent
    resources: Mapping[str, ResourceView]
    variables: VariableFileView | None
    advice: tuple[Message, ...]
    comments: str
    published: datetime | None
    publisher: str

    @property
    def is_draft(self) -> bool:
        return self.number == DRAFT


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A published version in the history of its configuration (FL-349)."""

    number: int
    comments: str
    published: datetime | None
    publisher: str


def get_version(actor: Actor, configuration_id: str, number: int | None = None) -> VersionView:
    """A version by its number; None: the draft, or the newest published one where there is no draft."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session(read_only=True) as session:
        configuration = configuration_of(session, configuration_id)
        version = _version(session, configuration, number)
        content = ConfigurationContent.model_validate(version.content)
        used = resources_of(session, content.resource_ids())
        names = person_names(actor.organization_id, [version.publisher_id] if version.publisher_id else [])
        return VersionView(
            configuration_id=configuration.id,
            number=version.number,
            content=content,
            resources={resource.id: view_of(resource) for resource in used.values()},
            variables=_variables_view(session, version),
            advice=tuple(advice(content, used)),
            comments=version.comments,
            published=version.published,
            publisher=names.get(version.publisher_id or "", ""),
        )


def list_versions(actor: Actor, configuration_id: str) -> list[VersionRow]:
    """The published versions, the newest first."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session(read_only=True) as session:
        configuration = configuration_of(session, configuration_id)
        query = select(ConfigurationVersion).where(
            ConfigurationVersion.configuration_id == configuration.id, ConfigurationVersion.number > DRAFT
        )
        found = session.scalars(query.order_by(ConfigurationVersion.number.desc())).all()
        names = person_names(actor.organization_id, [one.publisher_id for one in found if one.publisher_id])
        return [
            VersionRow(one.number, one.comments, one.published, names.get(one.publisher_id or "", "")) for one in found
        ]


def save_draft(actor: Actor, configuration_id: str, content: ConfigurationContent) -> None:
    """Keep the content as the draft (FL-349); raises `INVALID` for the first thing that is wrong, and `NO_DRAFT`."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session() as session:
        configuration = configuration_of(session, configuration_id)
        draft = draft_of(session, configuration)
        change_draft(session, draft, content)
        edited(configuration, actor)
        record(session, actor, "configuration.draft_saved", "configuration", configuration.id, _facts(configuration))


def publish(actor: Actor, configuration_id: str, comments: str) -> int:
    """Make the draft the next version (FL-349); returns its number.

    Raises `NO_DRAFT`, `EMPTY`, `INVALID`, or what keeps its apps from being together (SCAN-101, SCAN-102).
    """
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session() as session:
        configuration = configuration_of(session, configuration_id)
        draft = draft_of(session, configuration)
        content = content_of(draft)
        if content.is_empty:
            raise EMPTY(name=configuration.name)
        _check(session, draft, content)
        for conflict in conflicts(content, resources_of(session, content.resource_ids())):
            raise conflict
        newest = select(func.max(ConfigurationVersion.number)).where(
            ConfigurationVersion.configuration_id == configuration.id
        )
        draft.number = (session.scalar(newest) or DRAFT) + 1
        draft.comments, draft.published, draft.publisher_id = comments.strip()[:1000], now(), actor.user_id or None
        edited(configuration, actor)
        facts = {**_facts(configuration), "version": draft.number}
        record(session, actor, "configuration.published", "configuration", configuration.id, facts)
        return draft.number


def create_draft(actor: Actor, configuration_id: str) -> None:
    """Begin a draft with the content of the newest published version (FL-397); raises `DRAFT_EXISTS`."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session() as session:
        configuration = configuration_of(session, configuration_id)
        if find_draft(session, configuration) is not None:
            raise DRAFT_EXISTS(name=configuration.name)
        add_copy(session, configuration, _version(session, configuration, None))
        edited(configuration, actor)
        record(session, actor, "configuration.draft_created", "configuration", configuration.id, _facts(configuration))


def discard_draft(actor: Actor, configuration_id: str) -> None:
    """Delete the draft; a configuration that was never published goes with it. Raises `NO_DRAFT`."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session() as session:
        configuration = configuration_of(session, configuration_id)
        draft = draft_of(session, configuration)
        facts = _facts(configuration)
        record(session, actor, "configuration.draft_discarded", "configuration", configuration.id, facts)
        session.delete(draft)
        session.flush()
        others = select(func.count()).select_from(ConfigurationVersion)
        if not session.scalar(others.where(ConfigurationVersion.configuration_id == configuration.id)):
            session.delete(configuration)
        else:
            edited(configuration, actor)
            drop_unused_files(session, configuration)


def change_draft(session: Session, draft: ConfigurationVersion, content: ConfigurationContent) -> None:
    """Write checked content into a draft, with the resources it uses; raises `INVALID`."""
    full = with_secrets(content, kept_secrets(draft))
    _check(session, draft, full)
    keep_content(draft, content)
    session.execute(delete(ConfigurationResource).where(ConfigurationResource.version_id == draft.id))
    session.add_all(
        ConfigurationResource(version_id=draft.id, resource_id=resource_id) for resource_id in content.resource_ids()
    )
    session.flush()


def add_copy(session: Session, configuration: Configuration, version: ConfigurationVersion) -> ConfigurationVersion:
    """A draft of `configuration` with what `version` holds; both belong to the same organization.

    A variable settings file is shared with another version of the same configuration, else copied.
    """
    draft = ConfigurationVersion(configuration_id=configuration.id, content=version.content, secrets=version.secrets)
    draft.variable_file_id = version.variable_file_id
    session.add(draft)
    session.flush()
    used = ConfigurationContent.model_validate(version.content).resource_ids()
    session.add_all(ConfigurationResource(version_id=draft.id, resource_id=one) for one in used)
    return draft


def draft_of(session: Session, configuration: Configuration) -> ConfigurationVersion:
    """The draft; raises `NO_DRAFT`."""
    draft = find_draft(session, configuration)
    if draft is None:
        raise NO_DRAFT(name=configuration.name)
    return draft


def find_draft(session: Session, configuration: Configuration) -> ConfigurationVersion | None:
    """The draft where there is one."""
    query = select(ConfigurationVersion).where(
        ConfigurationVersion.configuration_id == configuration.id, ConfigurationVersion.number == DRAFT
    )
    return session.scalar(query)


def resources_of(session: Session, resource_ids: Sequence[str]) -> dict[str, Resource]:
    """The resources by id, as far as they exist in the library."""
    query = select(Resource).where(Resource.id.in_(resource_ids), Resource.is_listed)
    return {resource.id: resource for resource in session.scalars(query)}


def drop_unused_files(session: Session, configuration: Configuration) -> None:
    """Remove variable settings files that no version of the configuration uses any more."""
    used = select(ConfigurationVersion.variable_file_id).where(
        ConfigurationVersion.configuration_id == configuration.id, ConfigurationVersion.variable_file_id.is_not(None)
    )
    unused = VariableFile.configuration_id == configuration.id, VariableFile.id.not_in(used)
    session.execute(delete(VariableFile).where(*unused).execution_options(synchronize_session=False))


def _version(session: Session, configuration: Configuration, number: int | None) -> ConfigurationVersion:
    query = select(ConfigurationVersion).where(ConfigurationVersion.configuration_id == configuration.id)
    if number is not None:
        version = session.scalar(query.where(ConfigurationVersion.number == number))
    else:
        draft_first = (ConfigurationVersion.number == DRAFT).desc(), ConfigurationVersion.number.desc()
        version = session.scalars(query.order_by(*draft_first).limit(1)).first()
    if version is None:
        raise NOT_FOUND(what="version")
    return version


def _check(session: Session, draft: ConfigurationVersion, content: ConfigurationContent) -> None:
    file = session.get(VariableFile, draft.variable_file_id) if draft.variable_file_id else None
    variables = Variables(file.columns if file else None)
    used = resources_of(session, content.resource_ids())
    found = next(problems(content, used, variables), None) or _row_problem(session, file, content)
    if found is not None:
        raise INVALID(problem=str(found))


def _row_problem(session: Session, file: VariableFile | None, content: ConfigurationContent) -> Message | None:
    """The first value of the file that a setting which uses its column does not take (FL-376)."""
    fed = [setting for setting in content.settings if setting.variable]
    if file is None or not fed:
        return None
    query = select(VariableRow.cells).where(VariableRow.file_id == file.id)
    for cells in session.scalars(query.execution_options(yield_per=1000)):
        given = column_values(file.columns, cells)
        for setting in fed:
            if wrong := value_problem(setting, setting.variable, given[setting.variable.casefold()]):
                return wrong
    return None


def _variables_view(session: Session, version: ConfigurationVersion) -> VariableFileView | None:
    file = session.get(VariableFile, version.variable_file_id) if version.variable_file_id else None
    if file is None:
        return None
    return VariableFileView(file.name, file.asset_kind, tuple(file.columns), file.row_count)


def _facts(configuration: Configuration) -> dict[str, Any]:
    return {"name": configuration.name}
