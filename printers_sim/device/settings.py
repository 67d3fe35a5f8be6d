"""Reading and changing a printer's settings, one by one or from a flat settings file (FL-269, FL-364, FL-376)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from printers_sim.device.catalogue import Kind, SettingFacts, Value, catalogue
from printers_sim.device.refusal import Refusal
from printers_sim.device.state import EnrolmentState, EventKind
from printers_sim.printer import SimulatedPrinter

ELSEWHERE = {
    "general.asset_tag": "asset_tag",
    "general.contact": "contact",
    "general.location": "location",
    "network.host_name": "host_name",
}
"""Settings that are attributes of the printer, because SNMP shows and sets them too."""
COMMUNICATION = "cloud.communication"
UNKNOWN = "This printer has no such setting."
MADE_FOR = "# model:"


@dataclass(slots=True)
class Outcome:
    """What became of settings: their values now, or why not, by name."""

    applied: dict[str, Value] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def setting(printer: SimulatedPrinter, name: str) -> Value:
    """The value of a setting; `KeyError` if the model has none of that name."""
    facts = catalogue(printer.profile)[name]
    if name in ELSEWHERE:
        return str(getattr(printer, ELSEWHERE[name]))
    return printer.device.settings.get(name, facts.default)


def offered_settings(printer: SimulatedPrinter) -> Mapping[str, SettingFacts]:
    """The settings that it has now: some only while it is enrolled and communicates with the cloud (MOB-3)."""
    known = catalogue(printer.profile)
    is_connected = printer.device.enrolment.state is EnrolmentState.ENROLLED and setting(printer, COMMUNICATION) is True
    return {name: facts for name, facts in known.items() if is_connected or not facts.enrolled}


def all_settings(printer: SimulatedPrinter) -> dict[str, Value]:
    """Every setting but passwords, which never leave a printer (FL-276)."""
    kinds = offered_settings(printer)
    return {name: setting(printer, name) for name, facts in kinds.items() if facts.type is not Kind.PASSWORD}


def check_settings(printer: SimulatedPrinter, wanted: Mapping[str, object]) -> Outcome:
    """What would become of them."""
    outcome = Outcome()
    kinds = offered_settings(printer)
    for name, value in wanted.items():
        facts = kinds.get(name)
        reason = UNKNOWN if facts is None else facts.wrong(value)
        if reason is not None:
            outcome.refused[name] = reason
        elif isinstance(value, str | int):
            outcome.applied[name] = value
    return outcome


def change_settings(printer: SimulatedPrinter, wanted: Mapping[str, object]) -> Outcome:
    """Set what fits; what does not is reported by name and changes nothing. Values of passwords are not given back."""
    outcome = check_settings(printer, wanted)
    kinds = catalogue(printer.profile)
    for name, value in outcome.applied.items():
        _set(printer, kinds[name], value)
    if outcome.applied:
        printer.device.note(EventKind.HISTORY, f"Settings changed: {', '.join(sorted(outcome.applied))}")
        printer.changes += 1
    secret = {name for name in outcome.applied if kinds[name].type is Kind.PASSWORD}
    outcome.applied.update(dict.fromkeys(secret, ""))
    return outcome


def replace_settings(printer: SimulatedPrinter, wanted: Mapping[str, object]) -> Outcome:
    """As `change_settings`; whatever is not named returns to its default, except what identifies the printer."""
    printer.device.settings = {}
    printer.changes += 1
    return change_settings(printer, wanted)


def read_settings_file(printer: SimulatedPrinter, text: str) -> dict[str, Value]:
    """The settings of a flat settings file: `name=value` lines, `#` comments, optionally `# model: NAME`.

    Raises `Refusal` for a line that is none and for a file that was made for another model.
    """
    kinds = catalogue(printer.profile)
    found: dict[str, Value] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.lower().startswith(MADE_FOR):
            require_model(printer, [line[len(MADE_FOR) :].strip()])
        if not line.strip() or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip():
            raise Refusal(422, "invalid_file", f"Line {number} of the settings file is no “name=value”.")
        name, value = name.strip(), value.strip()
        found[name] = kinds[name].parsed(value) if name in kinds else value
    if not found:
        raise Refusal(422, "invalid_file", "The settings file holds no settings.")
    return found


def settings_file(printer: SimulatedPrinter) -> str:
    """The printer's settings as a flat settings file, without passwords."""
    lines = [f"{MADE_FOR} {printer.profile.model}"]
    lines += [f"{name}={_written(value)}" for name, value in all_settings(printer).items()]
    return "\n".join(lines) + "\n"


def require_model(printer: SimulatedPrinter, models: Iterable[str]) -> None:
    """Refuse what was made for other models; an empty list fits all."""
    wanted = list(models)
    if wanted and not {printer.profile.model, printer.model} & set(wanted):
        raise Refusal(422, "wrong_model", f"It was made for {', '.join(wanted)}; this printer is a {printer.model}.")


def _set(printer: SimulatedPrinter, facts: SettingFacts, value: Value) -> None:
    if facts.name in ELSEWHERE:
        setattr(printer, ELSEWHERE[facts.name], value)
    elif value == facts.default:
        printer.device.settings.pop(facts.name, None)
    else:
        printer.device.settings[facts.name] = value


def _written(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
