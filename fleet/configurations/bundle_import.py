"""Importing a settings bundle into a draft: validated first, with a report for each part (FL-387…FL-392)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError

from connectors.messages import N_, Message
from connectors.printers.files import BundleFile, Value, read_bundle
from domain.audit.service import record
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from fleet.configurations.content import ConfigurationContent, SettingPart, content_of
from fleet.configurations.drafts import change_draft, draft_of
from fleet.configurations.login_methods import (
    ACCESS,
    BAD_CHARACTERS,
    AdditionalSettings,
    Kerberos,
    Ldap,
    LocalAccount,
    LocalGroup,
    LoginMethods,
    OtherMethod,
    are_credentials_taken,
    read_device_form,
)
from fleet.configurations.service import configuration_of, edited
from fleet.configurations.settings_catalogue import settings_catalogue

NO_SUCH_SETTING = N_("Pressroom does not know this setting.")
NO_SUCH_CONTROL = N_("Pressroom does not know this access control.")
NO_SUCH_METHOD = N_("Pressroom does not know this kind of login method.")
MALFORMED = N_("It is malformed: {problem}.")
INCOMPLETE = N_("The login methods cannot be used as they are: {problem}")


class LineState(StrEnum):
    """What an import does with one part of a bundle (FL-389, FL-390)."""

    NEW = "new"
    DIFFERS = "differs"
    SAME = "same"
    UNSUPPORTED = "unsupported"
    INVALID = "invalid"

    @property
    def is_imported(self) -> bool:
        return self in (LineState.NEW, LineState.DIFFERS)


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One setting or login method: its state, the value of the bundle (never a secret), and what is wrong with it."""

    item: str
    state: LineState
    value: str = ""
    problem: Message | None = None


@dataclass(frozen=True, slots=True)
class BundleReport:
    """What was found in the two parts of a bundle (FL-388)."""

    settings: tuple[ReportLine, ...]
    login_methods: tuple[ReportLine, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    report: BundleReport
    settings: tuple[SettingPart, ...]
    login_methods: LoginMethods | None


def examine_bundle(actor: Actor, configuration_id: str, path: Path, name: str) -> BundleReport:
    """What importing the bundle would do to the draft; raises what `read_bundle` raises."""
    actor.need(Permission.FLEET_CONFIGURE)
    bundle = read_bundle(path, name)
    with actor.session(read_only=True) as session:
        draft = draft_of(session, configuration_of(session, configuration_id))
        return _reading(bundle, content_of(draft)).report


def import_bundle(
    actor: Actor, configuration_id: str, path: Path, name: str, *, settings: bool = True, login_methods: bool = True
) -> BundleReport:
    """Take the chosen parts of the bundle into the draft (FL-391); what the report refuses is left out."""
    actor.need(Permission.FLEET_CONFIGURE)
    bundle = read_bundle(path, name)
    with actor.session() as session:
        configuration = configuration_of(session, configuration_id)
        draft = draft_of(session, configuration)
        content = content_of(draft)
        reading = _reading(bundle, content)
        changes: dict[str, Any] = {}
        if settings:
            given = {setting.name: setting for setting in reading.settings}
            kept = tuple(given.pop(setting.name, setting) for setting in content.settings)
            changes["settings"] = kept + tuple(given.values())
        if login_methods and reading.login_methods is not None:
            changes["login_methods"] = reading.login_methods
        change_draft(session, draft, content.model_copy(update=changes))
        edited(configuration, actor)
        facts = {"name": configuration.name}
        record(session, actor, "configuration.draft_saved", "configuration", configuration.id, facts)
        return reading.report


def _reading(bundle: BundleFile, content: ConfigurationContent) -> _Reading:
    present = {setting.name: setting for setting in content.settings}
    lines, parts = [], []
    for name, text in bundle.values.items():
        line, part = _setting(name, text, present.get(name))
        lines.append(line)
        if part is not None:
            parts.append(part)
    login_lines: tuple[ReportLine, ...] = ()
    login = None
    if bundle.login_methods is not None:
        login_lines, login = _login(bundle.login_methods, content.login_methods or LoginMethods())
    return _Reading(BundleReport(tuple(lines), login_lines), tuple(parts), login)


def _setting(name: str, text: str, present: SettingPart | None) -> tuple[ReportLine, SettingPart | None]:
    facts = settings_catalogue().get(name)
    if facts is None:
        return ReportLine(name, LineState.UNSUPPORTED, text, Message.of(NO_SUCH_SETTING)), None
    value: Value = facts.parsed(text)
    shown = "" if facts.is_secret else text
    if wrong := facts.wrong(value):
        return ReportLine(name, LineState.INVALID, shown, wrong), None
    new = SettingPart(name=name, secret=SecretStr(text)) if facts.is_secret else SettingPart(name=name, value=value)
    if present is None:
        return ReportLine(name, LineState.NEW, shown), new
    if present == new:
        return ReportLine(name, LineState.SAME, shown), None
    return ReportLine(name, LineState.DIFFERS, shown), new


def _login(found: Mapping[str, object], present: LoginMethods) -> tuple[tuple[ReportLine, ...], LoginMethods | None]:
    """The lines of the report, and the login methods with what may be imported; None where nothing may."""
    parts, unknown = read_device_form(found)
    lines = [ReportLine(kind, LineState.UNSUPPORTED, "", Message.of(NO_SUCH_METHOD)) for kind in unknown]
    merged = present
    for title, field, model in (
        ("accounts", "accounts", LocalAccount),
        ("groups", "groups", LocalGroup),
        ("network", "ldap", Ldap),
        ("other", "other", OtherMethod),
    ):
        taken, told = _rows(title, parts[field], model, getattr(merged, field))
        lines += told
        merged = merged.model_copy(update={field: taken})
    for field, single in (("kerberos", Kerberos), ("additional", AdditionalSettings)):
        if field in parts:
            value, line = _single(field, parts[field], single, getattr(merged, field))
            lines.append(line)
            merged = merged.model_copy(update={field: value})
    public, told = _public(parts["public"], merged.public)
    lines += told
    merged = merged.model_copy(update={"public": public})
    if problem := next(merged.problems(), None):
        lines.append(ReportLine("login methods", LineState.INVALID, "", Message.of(INCOMPLETE, problem=str(problem))))
        return tuple(lines), None
    return tuple(lines), merged if any(line.state.is_imported for line in lines) else None


def _rows(title: str, rows: object, model: type[BaseModel], present: tuple[Any, ...]) -> tuple[Any, list[ReportLine]]:
    taken = {_name_of(one): one for one in present}
    lines = []
    for row in rows if isinstance(rows, list) else []:
        item = f"{title}: {row.get('name') or row.get('type')}" if isinstance(row, dict) else title
        try:
            one: Any = model.model_validate(row)
        except ValidationError as error:
            lines.append(ReportLine(item, LineState.INVALID, "", _malformed(error)))
            continue
        if isinstance(one, LocalAccount) and not _is_taken(one):
            lines.append(ReportLine(item, LineState.INVALID, "", Message.of(BAD_CHARACTERS, name=one.name)))
            continue
        former = taken.get(_name_of(one))
        state = LineState.NEW if former is None else LineState.SAME if former == one else LineState.DIFFERS
        taken[_name_of(one)] = one
        lines.append(ReportLine(item, state))
    return tuple(taken.values()), lines


def _is_taken(account: LocalAccount) -> bool:
    return are_credentials_taken(account.name, account.secret.get_secret_value() if account.secret else "")


def _single(title: str, found: object, model: type[BaseModel], present: Any) -> tuple[Any, ReportLine]:
    try:
        one = model.model_validate(found)
    except ValidationError as error:
        return present, ReportLine(title, LineState.INVALID, "", _malformed(error))
    state = LineState.NEW if present is None else LineState.SAME if present == one else LineState.DIFFERS
    return one, ReportLine(title, state)


def _public(found: object, present: Mapping[str, bool]) -> tuple[dict[str, bool], list[ReportLine]]:
    given = TypeAdapter(dict[str, bool]).validate_python(found) if isinstance(found, dict) else {}
    lines = list(_control_lines(given, present))
    return {**present, **{name: value for name, value in given.items() if name in ACCESS}}, lines


def _control_lines(given: Mapping[str, bool], present: Mapping[str, bool]) -> Iterator[ReportLine]:
    for name, value in given.items():
        shown = str(value).lower()
        if name not in ACCESS:
            yield ReportLine(f"public: {name}", LineState.UNSUPPORTED, shown, Message.of(NO_SUCH_CONTROL))
        elif name not in present:
            yield ReportLine(f"public: {name}", LineState.NEW, shown)
        else:
            state = LineState.SAME if present[name] == value else LineState.DIFFERS
            yield ReportLine(f"public: {name}", state, shown)


def _name_of(part: Any) -> str:
    return str(getattr(part, "name", "") or part.type)


def _malformed(error: ValidationError) -> Message:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return Message.of(MALFORMED, problem=f"{place}: {first['msg']}" if place else str(first["msg"]))
