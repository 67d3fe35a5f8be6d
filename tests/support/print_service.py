"""The print service on a socket of 127.0.0.1, and a person's computer that prints to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx

from connectors.ipp.values import charsets, integers, languages, media_types, names, uris
from connectors.ipp.wire import Attribute, Attributes, Group, IppMessage, Tag, decode, encode
from domain.organizations.actor import Actor, Credential, CredentialKind
from domain.organizations.models import now
from domain.organizations.roles import Role
from domain.print_access.callers import organization_name
from domain.print_access.models import PrintCredentialKind
from domain.print_access.service import make_credential
from flows.prepare_print_jobs import prepare_batch
from portal_api.app import create_service
from portal_api.ipp.application import create_print_service
from portal_api.ipp.callers import by_name, by_place
from portal_api.ipp.description import abilities
from pressroom.print_certificate import certificate_files
from tests.support.installation import Installation, installed
from tests.support.portal_server import serving

PRINT_JOB, VALIDATE_JOB, CREATE_JOB, SEND_DOCUMENT, CANCEL_JOB = 0x0002, 0x0004, 0x0005, 0x0006, 0x0008
GET_JOB, GET_JOBS, GET_PRINTER, HOLD_JOB, RELEASE_JOB = 0x0009, 0x000A, 0x000B, 0x000C, 0x000D
CANCEL_MY_JOBS, CLOSE_JOB, IDENTIFY_PRINTER = 0x0039, 0x003B, 0x003C


@dataclass(frozen=True)
class Service:
    """The service, and the installation that it belongs to."""

    installation: Installation
    address: str

    def printer_of(self, person: Actor, label: str = "laptop") -> "Computer":
        """A computer of `person`, who has made a print password for it."""
        password, _ = make_credential(confirmed(person), PrintCredentialKind.PASSWORD, label)
        return Computer(self.address, f"/ipp/print/{organization_name(person.organization_id)}", person.email, password)

    def person(self, name: str = "prints", **more: str) -> Actor:
        """Somebody who may print."""
        return self.installation.add_person(f"{name}@one.example", Role.PRINT_RELEASE_USER, **more)


def confirmed(person: Actor) -> Actor:
    """The person as after typing their password in a session just now."""
    return replace(person, credential=Credential(CredentialKind.SESSION, "session", now() - timedelta(seconds=1)))


@dataclass
class Computer:
    """A computer that prints to the queue at `path` as `email`; `user` is who its own account says it is."""

    address: str
    path: str
    email: str = ""
    password: str = ""
    user: str = "kim"
    token: str = ""

    @property
    def uri(self) -> str:
        return self.address.replace("http", "ipp", 1) + self.path

    def message(self, operation: int, job: Attributes | None = None, data: bytes = b"", **more: Attribute) -> bytes:
        """A request; names of `more` have underscores for hyphens."""
        asked: Attributes = {
            "attributes-charset": charsets("utf-8"),
            "attributes-natural-language": languages("en"),
            "printer-uri": uris(self.uri),
            **({"job-id": more.pop("job_id")} if "job_id" in more else {}),
            "requesting-user-name": names(self.user),
            **{name.replace("_", "-"): value for name, value in more.items()},
        }
        groups = [Group(Tag.OPERATION, asked)] + ([Group(Tag.JOB, job)] if job else [])
        return encode(IppMessage(operation, 7, tuple(groups), (2, 0))) + data

    def post(self, content: bytes) -> httpx.Response:
        """Send a body as it is."""
        headers = {"Content-Type": "application/ipp", "User-Agent": "CUPS/2.4.2 (Linux; x86_64) IPP/2.0"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        auth = (self.email, self.password) if self.password else None
        return httpx.post(f"{self.address}{self.path}", content=content, headers=headers, auth=auth, timeout=60)

    def ask(self, operation: int, job: Attributes | None = None, data: bytes = b"", **more: Attribute) -> IppMessage:
        """The answer to a request."""
        answer = self.post(self.message(operation, job, data, **more)).raise_for_status()
        assert answer.headers["content-type"] == "application/ipp"
        return decode(answer.content)[0]

    def print(self, document: bytes, job: Attributes | None = None, kind: str = "application/pdf") -> int:
        """Print, and get the number of the job."""
        answer = self.ask(PRINT_JOB, job, document, document_format=media_types(kind), job_name=names("A job"))
        assert answer.code < 0x0100, answer
        return number_of(answer)

    def job(self, number: int) -> Attributes:
        """What the service says of a job."""
        return self.ask(GET_JOB, job_id=integers(number)).first(Tag.JOB)

    def state(self, number: int) -> tuple[object, object]:
        """The state of a job and why."""
        found = self.job(number)
        return found["job-state"].value, found["job-state-reasons"].value


def number_of(answer: IppMessage) -> int:
    """The number of the job that an answer is about."""
    number = answer.first(Tag.JOB)["job-id"].value
    assert isinstance(number, int)
    return number


@contextmanager
def print_service(home: Path, *, is_secure: bool = False, **settings: str) -> Iterator[Service]:
    """The service on an installation of its own: within the portal without TLS, or by itself with it."""
    in_the_clear = "false" if is_secure else "true"
    with installed(home, ipp_in_the_clear=in_the_clear, **settings) as installation:
        for count in (by_name, by_place):
            count.clear()
        abilities.cache_clear()
        if is_secure:
            app, certificate = create_print_service(), certificate_files(installation.settings)
        else:
            app, certificate = create_service(installation.settings), None
        with serving(app, certificate=certificate) as address:
            yield Service(installation, address)
    abilities.cache_clear()


def prepare(person: Actor) -> int:
    """What the worker does with the jobs of the person's organization that wait for it."""
    return prepare_batch.fn(person.organization_id)
