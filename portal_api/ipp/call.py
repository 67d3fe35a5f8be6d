"""A request to the print service that has been looked at, and whom and what it is about."""

from dataclasses import dataclass

from connectors.ipp.service.statuses import IppRefusal, Status
from connectors.ipp.values import integers, number_of, text_of
from connectors.ipp.wire import Attribute, Attributes, IppMessage
from domain.organizations.actor import Actor
from domain.printing.own_jobs import own_job
from domain.printing.submission import Client
from domain.printing.views import JobView
from portal_api.ipp.addresses import PrinterAddress, target_of


@dataclass(frozen=True, slots=True)
class Call:
    """A request: its attributes, who asks (None: nobody in particular), and where the printer was called."""

    request: IppMessage
    operation: Attributes
    address: PrinterAddress
    caller: Actor | None
    client: Client

    @property
    def actor(self) -> Actor:
        """Who asks, for operations that take somebody."""
        assert self.caller is not None
        return self.caller


def job_of(call: Call) -> JobView:
    """The asker's own job that the request names; raises `IppRefusal`, `NOT_FOUND`."""
    return own_job(call.actor, job_number(call))


def job_number(call: Call) -> int:
    """The number of the job that the request names; raises `IppRefusal`."""
    uri = text_of(call.operation, "job-uri")
    if uri is None:
        number = number_of(call.operation, "job-id", 0)
    else:
        named = target_of(uri, call.address)
        number = named.job or 0 if named else 0
    if number < 1:
        raise IppRefusal(Status.BAD_REQUEST, "The job has to be named by job-id or job-uri.")
    return number


def refused_job(number: int) -> dict[str, Attribute]:
    """Which of several jobs it was that something could not be done to."""
    return {"job-ids": integers(number)}
