"""Asking a simulated printer by IPP, attribute by attribute."""

from dataclasses import dataclass

import httpx

from connectors.ipp.values import charsets, integers, keywords, languages, media_types, names, uris
from connectors.ipp.wire import Attribute, Attributes, Group, IppMessage, Tag, decode, encode
from printers_sim.printer import SimulatedPrinter
from printers_sim.simulation import Simulation

PRINT_JOB, VALIDATE_JOB, CREATE_JOB, SEND_DOCUMENT, CANCEL_JOB = 0x0002, 0x0004, 0x0005, 0x0006, 0x0008
GET_JOB, GET_JOBS, GET_PRINTER, HOLD_JOB, RELEASE_JOB = 0x0009, 0x000A, 0x000B, 0x000C, 0x000D

IDENTIFY_PRINTER = 0x003C


@dataclass
class IppClient:
    """A person at a printer."""

    simulation: Simulation
    printer: SimulatedPrinter
    user: str = "kim"

    def ask(self, operation: int, job: Attributes | None = None, data: bytes = b"", **more: Attribute) -> IppMessage:
        """The answer to a request; names of `more` have underscores for hyphens."""
        address = f"{self.printer.address}:{self.simulation.http_port}/ipp/print"
        asked: Attributes = {
            "attributes-charset": charsets("utf-8"),
            "attributes-natural-language": languages("en"),
            "printer-uri": uris(f"ipp://{address}"),
            "requesting-user-name": names(self.user),
            **{name.replace("_", "-"): value for name, value in more.items()},
        }
        groups = [Group(Tag.OPERATION, asked)] + ([Group(Tag.JOB, job)] if job else [])
        content = encode(IppMessage(operation, 7, tuple(groups), (2, 0))) + data
        headers = {"Content-Type": "application/ipp"}
        answer = httpx.post(f"http://{address}", content=content, headers=headers, timeout=30).raise_for_status()
        return decode(answer.content)[0]

    def print(self, document: bytes, job: Attributes | None = None, kind: str = "application/pdf") -> int:
        """Print, and get the number of the job."""
        answer = self.ask(PRINT_JOB, job, document, document_format=media_types(kind), job_name=names("A job"))
        assert answer.code < 0x0100, answer
        number = answer.first(Tag.JOB)["job-id"].value
        assert isinstance(number, int)
        return number

    def job(self, number: int) -> Attributes:
        """What the printer says of a job."""
        return self.ask(GET_JOB, job_id=integers(number)).first(Tag.JOB)

    def state(self, number: int) -> object:
        """The state of a job."""
        return self.job(number)["job-state"].value

    def status(self, *wanted: str) -> Attributes:
        """What the printer says of itself."""
        more = {"requested_attributes": keywords(*wanted)} if wanted else {}
        return self.ask(GET_PRINTER, **more).first(Tag.PRINTER)
