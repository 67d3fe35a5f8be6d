"""Copying a configuration, within its organization or into another (FL-396, FL-537).

Within one organization the copy uses the same resources; into another they are copied too. A copy starts as a draft.
"""

from collections.abc import Iterable
from tempfile import SpooledTemporaryFile
from typing import IO

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from connectors.documents import open_store
from connectors.settings import get_settings
from domain.audit.service import record
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.permissions import Permission
from domain.tenancy import new_id
from fleet.configurations.content import ConfigurationContent
from fleet.configurations.drafts import resources_of
from fleet.configurations.models import (
    Configuration,
    ConfigurationResource,
    ConfigurationVersion,
    VariableFile,
    VariableRow,
)
from fleet.configurations.service import configuration_of, new_configuration
from fleet.resources.models import Resource
from fleet.resources.service import MEDIA_TYPES

SPOOL = 1 << 20
CHUNK = 1000


def copy_configuration(actor: Actor, configuration_id: str, name: str, organization_id: str = "") -> str:
    """Copy what would be deployed now, or the draft where nothing was published; returns the id of the copy.

    `organization_id` names another organization, in which the actor may configure printers too (FL-537): else
    `NOT_FOUND` or `ROLE_MISSING` is raised, and `NAME_TAKEN` where the name is not unique there.
    """
    actor.need(Permission.FLEET_CONFIGURE)
    there = actor
    if organization_id and organization_id != actor.organization_id:
        there = actor_of_user(actor.user_id, organization_id)
        there.need(Permission.FLEET_CONFIGURE)
    with actor.session(read_only=True) as session:
        source = configuration_of(session, configuration_id)
        version = _newest(session, source)
        content = ConfigurationContent.model_validate(version.content)
        resources = list(resources_of(session, content.resource_ids()).values())
        file, rows = _variables(session, version)
        session.expunge_all()
    moved = {} if there is actor else _copied_files(resources, there.organization_id)
    try:
        with there.session() as session:
            copy = new_configuration(session, there, name, source.description)
            session.add_all(moved.values())
            session.flush()
            ids = {old: new.id for old, new in moved.items()}
            draft = ConfigurationVersion(
                configuration_id=copy.id, content=_with_resources(content, ids), secrets=version.secrets
            )
            session.add(draft)
            session.flush()
            draft.variable_file_id = _copied_variables(session, copy, file, rows)
            used = {ids.get(one.id, one.id) for one in resources}
            session.add_all(ConfigurationResource(version_id=draft.id, resource_id=one) for one in used)
            facts = {"name": copy.name, "from": source.name}
            record(session, there, "configuration.copied", "configuration", copy.id, facts)
            return copy.id
    except BaseException:
        for resource in moved.values():
            open_store(get_settings()).delete(resource.object_key)
        raise


def _newest(session: Session, configuration: Configuration) -> ConfigurationVersion:
    query = select(ConfigurationVersion).where(ConfigurationVersion.configuration_id == configuration.id)
    return session.scalars(query.order_by(ConfigurationVersion.number.desc()).limit(1)).one()


def _variables(
    session: Session, version: ConfigurationVersion
) -> tuple[VariableFile | None, list[tuple[str, str, list[str]]]]:
    file = session.get(VariableFile, version.variable_file_id) if version.variable_file_id else None
    if file is None:
        return None, []
    query = select(VariableRow).where(VariableRow.file_id == file.id)
    return file, [(row.asset_key, row.asset_id, row.cells) for row in session.scalars(query)]


def _copied_variables(
    session: Session, copy: Configuration, file: VariableFile | None, rows: list[tuple[str, str, list[str]]]
) -> str | None:
    if file is None:
        return None
    new = VariableFile(
        id=new_id(),
        configuration_id=copy.id,
        name=file.name,
        asset_kind=file.asset_kind,
        columns=file.columns,
        row_count=file.row_count,
    )
    session.add(new)
    session.flush()
    values = [{"file_id": new.id, "asset_key": key, "asset_id": asset, "cells": cells} for key, asset, cells in rows]
    for start in range(0, len(values), CHUNK):
        session.execute(insert(VariableRow), values[start : start + CHUNK])
    return new.id


def _copied_files(resources: Iterable[Resource], organization_id: str) -> dict[str, Resource]:
    """Copies for the other organization by the ids of the originals: their files are there, their rows not yet."""
    store, copies = open_store(get_settings()), {}
    for resource in resources:
        key = f"{organization_id}/fleet/resources/{new_id()}"
        with store.open(resource.object_key, resource.sha256) as source, SpooledTemporaryFile(SPOOL) as spool:
            _pour(source, spool)
            store.put(key, spool, MEDIA_TYPES[resource.kind])  # type: ignore[arg-type]
        copies[resource.id] = Resource(
            id=new_id(),
            kind=resource.kind,
            name=resource.name,
            description=resource.description,
            file_name=resource.file_name,
            size=resource.size,
            sha256=resource.sha256,
            object_key=key,
            source=resource.source,
            facts=resource.facts,
        )
    return copies


def _pour(source: IO[bytes], target: IO[bytes]) -> None:
    while piece := source.read(SPOOL):
        target.write(piece)
    target.seek(0)


def _with_resources(content: ConfigurationContent, ids: dict[str, str]) -> dict[str, object]:
    """The content as JSON with the resources of the other organization."""
    firmware = content.firmware.model_copy(
        update={"resource_ids": tuple(ids.get(one, one) for one in content.firmware.resource_ids)}
    )
    apps = tuple(
        app.model_copy(update={"resource_id": ids.get(app.resource_id, app.resource_id)}) for app in content.apps
    )
    files = tuple(ids.get(one, one) for one in content.settings_files)
    changed = content.model_copy(update={"firmware": firmware, "apps": apps, "settings_files": files})
    return changed.model_dump(mode="json")
