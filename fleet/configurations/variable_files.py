"""The variable settings file of a draft: import, export, delete (FL-365…FL-373)."""

from collections.abc import Iterator

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from connectors.documents.file_names import safe_file_name
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.tenancy import NOT_FOUND, new_id
from fleet.configurations.content import ConfigurationContent, SettingPart
from fleet.configurations.drafts import VariableFileView, change_draft, draft_of, drop_unused_files
from fleet.configurations.models import AssetKind, ConfigurationVersion, VariableFile, VariableRow
from fleet.configurations.service import configuration_of, edited
from fleet.configurations.settings_catalogue import settings_catalogue
from fleet.configurations.variables import IN_USE, INVALID, VariableTable, read_table, written

CHUNK = 1000


def check_variables(actor: Actor, configuration_id: str, content: bytes) -> VariableTable:
    """What an import would find: everything that is wrong with the file (FL-370)."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session(read_only=True) as session:
        draft = draft_of(session, configuration_of(session, configuration_id))
        return read_table(content, _fed(draft))


def import_variables(
    actor: Actor, configuration_id: str, name: str, content: bytes, *, turn_off: bool = False
) -> VariableFileView:
    """Make a file the draft's variable settings file, in place of the former one (FL-373).

    Raises `INVALID` when anything is wrong with it, and `IN_USE` when settings use columns that it lacks, unless
    `turn_off`: these settings then return to their default values.
    """
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session() as session:
        configuration = configuration_of(session, configuration_id)
        draft = draft_of(session, configuration)
        table = read_table(content, _fed(draft))
        if table.problems:
            first = table.problems[0]
            raise INVALID(count=len(table.problems), line=first.line, problem=str(first.message))
        _release_columns(session, draft, table, turn_off=turn_off)
        file = _stored(session, configuration.id, name, table)
        draft.variable_file_id = file.id
        session.flush()
        drop_unused_files(session, configuration)
        edited(configuration, actor)
        facts: Facts = {"name": configuration.name, "rows": file.row_count}
        record(session, actor, "configuration.variables_imported", "configuration", configuration.id, facts)
        return VariableFileView(file.name, file.asset_kind, tuple(file.columns), file.row_count)


def delete_variables(actor: Actor, configuration_id: str) -> None:
    """Take the file away; every setting that it fed is switched off (FL-366)."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session() as session:
        configuration = configuration_of(session, configuration_id)
        draft = draft_of(session, configuration)
        content = ConfigurationContent.model_validate(draft.content)
        kept = tuple(setting for setting in content.settings if not setting.variable)
        change_draft(session, draft, content.model_copy(update={"settings": kept}))
        draft.variable_file_id = None
        session.flush()
        drop_unused_files(session, configuration)
        edited(configuration, actor)
        facts = {"name": configuration.name}
        record(session, actor, "configuration.variables_deleted", "configuration", configuration.id, facts)


def export_variables(actor: Actor, configuration_id: str, number: int = 0) -> Iterator[str]:
    """The file of a version, the draft's unless another is named, line by line (FL-366); raises `NOT_FOUND`."""
    actor.need(Permission.FLEET_CONFIGURE)
    with actor.session(read_only=True) as session:
        configuration = configuration_of(session, configuration_id)
        query = select(ConfigurationVersion.variable_file_id).where(
            ConfigurationVersion.configuration_id == configuration.id, ConfigurationVersion.number == number
        )
        file = session.get(VariableFile, session.scalar(query) or "")
        if file is None:
            raise NOT_FOUND(what="variable settings file")
        kind, columns, file_id = AssetKind(file.asset_kind), list(file.columns), file.id
    return written(kind, columns, _rows(actor, file_id))


def _rows(actor: Actor, file_id: str) -> Iterator[tuple[str, list[str]]]:
    last = ""
    while True:
        with actor.session(read_only=True) as session:
            query = select(VariableRow).where(VariableRow.file_id == file_id, VariableRow.asset_key > last)
            rows = session.scalars(query.order_by(VariableRow.asset_key).limit(CHUNK)).all()
            found = [(row.asset_id, list(row.cells)) for row in rows]
            last = rows[-1].asset_key if rows else last
        yield from found
        if len(found) < CHUNK:
            return


def _fed(draft: ConfigurationVersion) -> list[SettingPart]:
    content = ConfigurationContent.model_validate(draft.content)
    return [setting for setting in content.settings if setting.variable]


def _release_columns(session: Session, draft: ConfigurationVersion, table: VariableTable, *, turn_off: bool) -> None:
    content = ConfigurationContent.model_validate(draft.content)
    columns = {column.casefold() for column in table.columns}
    missing = [column for column in content.variables() if column.casefold() not in columns]
    if not missing:
        return
    if not turn_off:
        raise IN_USE(columns=", ".join(missing))
    settings = tuple(_at_default(one) if one.variable in missing else one for one in content.settings)
    change_draft(session, draft, content.model_copy(update={"settings": settings}))


def _at_default(setting: SettingPart) -> SettingPart:
    return SettingPart(name=setting.name, value=settings_catalogue()[setting.name].default)


def _stored(session: Session, configuration_id: str, name: str, table: VariableTable) -> VariableFile:
    file = VariableFile(
        id=new_id(),
        configuration_id=configuration_id,
        name=safe_file_name(name),
        asset_kind=table.asset_kind,
        columns=table.columns,
        row_count=len(table.rows),
    )
    session.add(file)
    session.flush()
    rows = [
        {"file_id": file.id, "asset_key": row.asset_key, "asset_id": row.asset_id, "cells": row.cells}
        for row in table.rows
    ]
    for start in range(0, len(rows), CHUNK):
        session.execute(insert(VariableRow), rows[start : start + CHUNK])
    return file
