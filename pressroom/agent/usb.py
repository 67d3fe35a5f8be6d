"""Printers at the USB ports of a local agent's host: who is there, and what they tell (F-8, FL-160, FL-161).

Who is there stands in a list, which is read anew each time: plugging in is a line more. A printer tells of itself by
IPP over USB, which a service of the host (such as ipp-usb) makes a port of the host: the list names it.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.errors import Fault, PressroomError
from connectors.messages import N_, Message
from connectors.printers.ipp_device import IppAddress
from connectors.printers.ipp_reading import read_ipp_printer
from connectors.printers.reading import READING_JSON
from steps.found_printers import FoundPrinter
from steps.printer_device import OTHER_PRINTER
from steps.printer_work import Outcome, Report

BAD_USB = Fault(
    "agent.usb_file",
    422,
    N_("The file of USB printers {file} cannot be read."),
    N_("Write a JSON list of objects with serial_number and model."),
)
NOT_ATTACHED = N_("The printer is not at a USB port of the agent's host.")
TELLS_NOTHING = N_("The printer is there. Counters and supplies need its IPP port in the list of USB printers.")


class _Row(BaseModel):
    """A line of the list: what a found printer tells, and where on this host it answers IPP."""

    model_config = ConfigDict(extra="allow")

    serial_number: str = Field(min_length=1, max_length=64)
    ipp_host: str = Field("127.0.0.1", max_length=255)
    ipp_port: int | None = Field(None, ge=1, le=65_535)


class UsbPorts:
    """The ports of one host, whose list is `file`; `host` is the address that is shown for the printers (FL-14)."""

    def __init__(self, file: Path | None, host: str) -> None:
        self._file, self._host = file, host

    def found(self) -> list[FoundPrinter]:
        """The printers that are there now; raises `BAD_USB`."""
        try:
            rows = [row.model_dump() | {"address": self._host} for row in self._rows().values()]
            return [FoundPrinter.model_validate({"is_vendor": True, **row}) for row in rows]
        except ValidationError as error:
            raise BAD_USB(file=self._file) from error

    async def read(self, serial_number: str) -> Report:
        """What the printer tells: a reading where the list has its IPP port. Raises `BAD_USB`."""
        row = self._rows().get(serial_number)
        if row is None:
            return Report(outcome=Outcome.NOT_COMMUNICATING, reason=Message.of(NOT_ATTACHED))
        if row.ipp_port is None:
            return Report(remarks=(Message.of(TELLS_NOTHING),))
        try:
            reading = await read_ipp_printer(IppAddress(row.ipp_host, row.ipp_port))
            if (told := reading.identity.serial_number) and told != serial_number:
                raise OTHER_PRINTER(address=f"{row.ipp_host}:{row.ipp_port}", serial_number=told)
        except PressroomError as error:
            return Report.of(error)
        return Report(facts={"reading": READING_JSON.dump_python(reading, mode="json")})

    def _rows(self) -> Mapping[str, _Row]:
        if self._file is None:
            return {}
        try:
            rows = [_Row.model_validate(row) for row in json.loads(self._file.read_text(encoding="utf-8"))]
        except (OSError, ValueError, TypeError) as error:
            raise BAD_USB(file=self._file) from error
        return {row.serial_number: row for row in rows}
