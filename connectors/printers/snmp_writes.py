"""What the Printer MIB lets be done to a printer of any make: its reset, and texts on its panel (RFC 3805).

Few printers let anybody write, so each change is looked at afterwards. Writing takes `pysnmp`, which is
loaded only here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.printers.printer_mib import CONSOLE, MIB2
from connectors.printers.texts import number_of, text_of
from connectors.snmp.choice import snmp_client
from connectors.snmp.client import SnmpTarget
from connectors.snmp.message import Version

GENERAL = f"{MIB2}.43.5.1.1"
RESET = f"{GENERAL}.3.1"
POWER_CYCLE = 4
"""PrtGeneralResetTC: as if it had been switched off and on."""
LINES, CHARACTERS = f"{GENERAL}.11.1", f"{GENERAL}.12.1"


@dataclass(frozen=True, slots=True)
class Console:
    """The panel as SNMP shows it: its size, and what stands in each of its lines now, from line 1."""

    lines: int
    characters: int
    texts: Mapping[int, str]

    @property
    def shown(self) -> str:
        """Everything that stands there, as one text."""
        return " ".join(" ".join(filter(None, self.texts.values())).split())

    def laid_out(self, text: str) -> list[str] | None:
        """The text in all lines of the panel, broken between words; None where it does not fit."""
        rows = [""]
        for word in text.split():
            joined = f"{rows[-1]} {word}".strip()
            if len(joined.encode()) <= self.characters:
                rows[-1] = joined
            elif len(word.encode()) <= self.characters:
                rows.append(word)
            else:
                return None
        return [*rows, *[""] * (self.lines - len(rows))] if len(rows) <= self.lines else None


def may_write(target: SnmpTarget) -> bool:
    """Whether there is anything to write with: a write community, or the user of version 3."""
    return target.version is Version.V3 or bool(target.write_community)


async def read_console(target: SnmpTarget) -> Console | None:
    """The panel; None where the printer shows none by SNMP. Raises what `SnmpClient` raises."""
    async with snmp_client(target) as client:
        found = await client.get((LINES, CHARACTERS))
        texts = {
            int(place): text_of(value)
            for oid, value in await client.walk(CONSOLE)
            if (place := oid.rpartition(".")[2]).isdigit()
        }
    lines, characters = number_of(found.get(LINES)) or 0, number_of(found.get(CHARACTERS)) or 0
    return Console(min(lines, len(texts)), characters, texts) if lines > 0 and characters > 0 and texts else None


async def write_console(target: SnmpTarget, console: Console, rows: Sequence[str]) -> None:
    """Put these rows into the lines of the panel. Raises what `SnmpClient` raises, `REFUSED` where it is fixed."""
    places = sorted(console.texts)
    await _write(target, {f"{CONSOLE}.1.{place}": row.encode() for place, row in zip(places, rows, strict=False)})


async def reset_printer(target: SnmpTarget) -> None:
    """Switch the printer off and on (prtGeneralReset). Raises what `SnmpClient` raises.

    A printer that restarts at once may not have answered: `NO_ANSWER` is then no refusal.
    """
    await _write(target, {RESET: POWER_CYCLE})


async def _write(target: SnmpTarget, values: Mapping[str, int | str | bytes]) -> None:
    from connectors.snmp.pysnmp_client import PysnmpClient

    async with PysnmpClient(target) as client:
        await client.set(values)
