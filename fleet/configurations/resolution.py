"""From a version of a configuration to what each printer is told: files, firmware of its model, its own variables.

Many printers at a time: the version, its resources and the rows of its variable settings file are read once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.messages import N_, Message
from connectors.printers.files import FileKind, Value
from connectors.settings import get_settings
from fleet.agents.models import Agent, AgentKind
from fleet.capabilities.levels import is_at_least
from fleet.capabilities.models_table import model_key
from fleet.configurations.content import ConfigurationContent, SettingPart, content_of, secrets_of
from fleet.configurations.drafts import resources_of
from fleet.configurations.login_methods import FLEET_AGENT
from fleet.configurations.models import AssetKind, Configuration, ConfigurationVersion, VariableFile, VariableRow
from fleet.configurations.proxies import is_behind_proxy
from fleet.configurations.settings_catalogue import settings_catalogue
from fleet.configurations.variables import asset_key, column_values
from fleet.firmware.offers import Offers, offers_for
from fleet.panels.identity import KEY_SETTING, PORTAL_SETTING, panel_key
from fleet.printers.models import Printer
from fleet.resources.models import Resource
from steps.printer_configuration import PrinterConfiguration, WantedApp, WantedFile, WantedFirmware
from steps.printer_work import FileReference

OLD_AGENT = N_("The login methods were left out: the fleet agent needs version {lowest} or later.")
CHUNK = 500


@dataclass(frozen=True, slots=True)
class _Sources:
    """What was read for all printers together."""

    title: str
    content: ConfigurationContent
    resources: Mapping[str, Resource]
    file: VariableFile | None
    rows: Mapping[str, Mapping[str, str]]
    agents: Mapping[str, Agent]
    offers: Offers | None
    behind_proxy: bool


def title_of(configuration: Configuration, version: ConfigurationVersion) -> str:
    """How a version is called where printers show what they have: “Offices (3)”, “Offices (draft)”."""
    return f"{configuration.name[:280]} ({version.number or 'draft'})"


def wanted_of(
    session: Session, configuration: Configuration, version: ConfigurationVersion, printers: Sequence[Printer]
) -> dict[str, dict[str, Any]]:
    """The parameters of the steps for each printer by its id; they hold secrets and are for orders only."""
    content = content_of(version)
    file = session.get(VariableFile, version.variable_file_id) if version.variable_file_id else None
    sources = _Sources(
        title=title_of(configuration, version),
        content=content,
        resources=resources_of(session, content.resource_ids()),
        file=file,
        rows=_rows(session, file, printers),
        agents=_agents(session, printers) if content.login_methods is not None else {},
        offers=offers_for(configuration.organization_id) if content.firmware.recommended else None,
        behind_proxy=is_behind_proxy(session, configuration.organization_id),
    )
    common = _common(sources)
    return {
        printer.id: {**common, **_own(sources, printer), "secrets": {**common["secrets"], **_keys(sources, printer)}}
        for printer in printers
    }


def _common(sources: _Sources) -> dict[str, Any]:
    """What is the same for every printer."""
    content, resources = sources.content, sources.resources
    wanted = PrinterConfiguration(
        title=sources.title,
        apps=tuple(
            _app(resources[app.resource_id], app.settings) for app in content.apps if app.resource_id in resources
        ),
        files=tuple(_file(resources[one]) for one in content.settings_files if one in resources),
        behind_proxy=sources.behind_proxy,
    )
    # Secrets in a model would be masked when it is written as JSON.
    return wanted.model_dump(mode="json") | {"secrets": dict(secrets_of(content))}


def _own(sources: _Sources, printer: Printer) -> dict[str, Any]:
    """What differs from printer to printer."""
    firmware = _firmware(sources, printer)
    own: dict[str, Any] = {
        "firmware": firmware.model_dump(mode="json") if firmware else None,
        "settings": _settings(sources, printer),
        "by_printer_agent": printer.agent_kind == AgentKind.PRINTER,
        "login_methods": None,
        "warnings": [],
    }
    login = sources.content.login_methods
    if login is not None and _is_agent_old(sources, printer):
        own["warnings"] = [Message.of(OLD_AGENT, lowest=FLEET_AGENT).model_dump()]
    elif login is not None:
        own["login_methods"] = login.device_form(with_secrets=False)
    return own


def _keys(sources: _Sources, printer: Printer) -> dict[str, str]:
    """What apps need to open the panel (SC-24, SC-25): where the portal is, and the printer's own key.

    An app gets it that declares the settings of these names.
    """
    access = {PORTAL_SETTING: get_settings().public_url, KEY_SETTING: panel_key(printer)}
    apps = [
        sources.resources[app.resource_id].facts for app in sources.content.apps if app.resource_id in sources.resources
    ]
    return {
        f"app:{facts['id']}:{name}": value
        for facts in apps
        if set(access) <= set(facts.get("settings", ()))
        for name, value in access.items()
    }


def _firmware(sources: _Sources, printer: Printer) -> WantedFirmware | None:
    """FL-352…FL-354: the specific firmware for the models it fits, else the recommended level where that is wanted."""
    for resource_id in sources.content.firmware.resource_ids:
        resource = sources.resources.get(resource_id)
        fitting = {model_key(model) for model in resource.facts.get("models", ())} if resource else set()
        if resource is not None and model_key(printer.model) in fitting:
            return WantedFirmware(level=str(resource.facts["level"]), file=_reference(resource), is_specific=True)
    offered = sources.offers.of_model(printer.model) if sources.offers is not None else None
    return WantedFirmware(level=offered.level, file=offered.file) if offered is not None else None


def _settings(sources: _Sources, printer: Printer) -> dict[str, Value]:
    """Every setting with its value for this printer (FL-372)."""
    own = sources.rows.get(_asset_of(sources.file, printer) if sources.file is not None else "")
    return {setting.name: _value(setting, own) for setting in sources.content.settings if setting.secret is None}


def _value(setting: SettingPart, own: Mapping[str, str] | None) -> Value:
    facts = settings_catalogue()[setting.name]
    if setting.variable and own is not None and setting.variable.casefold() in own:
        return facts.parsed(own[setting.variable.casefold()])
    return facts.default if setting.value is None else setting.value


def _rows(session: Session, file: VariableFile | None, printers: Sequence[Printer]) -> dict[str, Mapping[str, str]]:
    if file is None:
        return {}
    keys = [_asset_of(file, printer) for printer in printers]
    found: dict[str, Mapping[str, str]] = {}
    for start in range(0, len(keys), CHUNK):
        query = select(VariableRow.asset_key, VariableRow.cells).where(
            VariableRow.file_id == file.id, VariableRow.asset_key.in_(keys[start : start + CHUNK])
        )
        found |= {key: column_values(file.columns, cells) for key, cells in session.execute(query)}
    return found


def _asset_of(file: VariableFile, printer: Printer) -> str:
    kind = AssetKind(file.asset_kind)
    own = {
        AssetKind.ADDRESS: printer.address,
        AssetKind.HOST_NAME: printer.host_name,
        AssetKind.SERIAL_NUMBER: printer.serial_number,
    }
    return asset_key(kind, own[kind])


def _agents(session: Session, printers: Sequence[Printer]) -> dict[str, Agent]:
    ids = {printer.agent_id for printer in printers if printer.agent_id}
    return {agent.id: agent for agent in session.scalars(select(Agent).where(Agent.id.in_(ids)))}


def _is_agent_old(sources: _Sources, printer: Printer) -> bool:
    """FL-377: a fleet agent has to be new enough for login methods; the built-in one is as new as we are."""
    agent = sources.agents.get(printer.agent_id or "")
    if agent is None or agent.kind != AgentKind.FLEET or agent.is_built_in:
        return False
    return not is_at_least(agent.version, FLEET_AGENT)


def _app(resource: Resource, settings: Mapping[str, Value]) -> WantedApp:
    facts = resource.facts
    return WantedApp(
        id=facts["id"],
        name=facts["name"],
        version=facts["version"],
        min_framework=facts.get("min_framework", ""),
        file=_reference(resource),
        settings=dict(settings),
    )


def _file(resource: Resource) -> WantedFile:
    kind = FileKind(resource.kind)
    return WantedFile(
        kind="bundle" if kind is FileKind.BUNDLE else "settings_file",
        name=resource.file_name,
        file=_reference(resource),
    )


def _reference(resource: Resource) -> FileReference:
    return FileReference(key=resource.object_key, name=resource.file_name, size=resource.size, sha256=resource.sha256)
