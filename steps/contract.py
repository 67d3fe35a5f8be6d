"""The contract that every step keeps, ours and third parties'.

A step is one module with a parameter model, a plain function and a `StepKind` that ties them together. A complete
example, which another package could register under the entry point group `pressroom.steps`:

    class StampStep(StepParameters):
        text: str = Field("", max_length=40, title=N_("Text"))

        def unready(self) -> PressroomError | None:
            return None if self.text else STAMP_EMPTY()

    def stamp(document: Document, step: StampStep, context: StepContext) -> StepResult:
        source = context.fetch(document)
        target = context.scratch / "stamped.txt"
        target.write_text(step.text + source.read_text())
        return StepResult(documents=(context.store(target, document.name, "text/plain"),))

    KIND = StepKind(name="stamp", title=N_("Stamp"), parameters=StampStep, run=stamp, …)

Heavy libraries are imported inside the function, so that the portal can validate parameters without them.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from connectors.documents.document import Document
from connectors.errors import Fault, PressroomError, is_transient
from connectors.messages import N_, Message
from connectors.settings import Settings, get_settings

if TYPE_CHECKING:
    from prefect import Task

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"
TXT = "text/plain"
PNG = "image/png"
JPEG = "image/jpeg"
TIFF = "image/tiff"
IMAGES = frozenset({PNG, JPEG, TIFF})

FORMAT_REFUSED = Fault(
    "document.format",
    415,
    N_("“{name}” is a file of type {media_type}, which the step “{step}” cannot use."),
    N_("Use one of: {accepted}."),
    spec="SC-E14",
)
CANCELLED = Fault("run.cancelled", 409, N_("The run was cancelled."), N_("Run it again when you want to."))
DELIVERY_UNCERTAIN = Fault(
    "delivery.uncertain",
    409,
    N_("It is not known whether “{name}” reached {target}: the worker was lost at the moment of handing it over."),
    N_("Ask the receiver. Then run the step again, or leave it as it is."),
)


class StepClass(StrEnum):
    """Actions change the document, destinations deliver it (SC-60)."""

    ACTION = "action"
    DESTINATION = "destination"


class Surface(StrEnum):
    """Where a run starts (SC-80…SC-88)."""

    PORTAL = "portal"
    PRINTER = "printer"


class Service(StrEnum):
    """The three metered services (SQ-1)."""

    TRANSLATION = "TRANSLATION"
    REDACTION = "REDACTION"
    OCR = "OCR"


class StepParameters(BaseModel):
    """Values of one step. The model holds the limits that apply at save and at run alike.

    What may be left open at design time but must be there at run time is said by `unready`. Fields carry a `title`
    and a `description` for people, marked with `N_`; `json_schema_extra={"widget": …}` names the input that suits
    them where the type alone does not: "language", "languages", "pii", "custom_texts", "addresses", "multiline",
    "folder". A validator that finds something wrong raises `connectors.value_problems.invalid` with a fault of its
    own; `LIMITS` names the faults for values longer than their `max_length`, by field (see `own_fault`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    LIMITS: ClassVar[Mapping[str, Fault]] = {}

    def unready(self) -> PressroomError | None:
        """What still keeps the step from running, or None."""
        return None


class Finding(BaseModel):
    """One line of a step's report: what was found, how often and where, never the text itself."""

    model_config = ConfigDict(frozen=True)

    what: str
    count: int = 1
    where: str = ""


class StepReport(BaseModel):
    """What a step tells people about its work.

    `measures` are numbers by name, such as `confidence_page_1` (0–100) or `seconds`.
    """

    model_config = ConfigDict(frozen=True)

    summary: Message | None = None
    findings: tuple[Finding, ...] = ()
    warnings: tuple[Message, ...] = ()
    measures: dict[str, float] = {}


class StepResult(BaseModel):
    """What a step leaves: its documents (a destination returns its input), the report, and what quotas count.

    `characters` and `pages` are what the metered service worked on (SQ-61, SQ-64); `characters_by_target` says it for
    each of the targets that the kind's `targets` names and the step worked for (SQ-68).
    """

    model_config = ConfigDict(frozen=True)

    documents: tuple[Document, ...]
    report: StepReport = StepReport()
    characters: int = 0
    pages: int = 0
    characters_by_target: dict[str, int] = {}


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a step may know of the run it works in. `started` is aware, in the user's time zone."""

    run_id: str
    organization_id: str
    user_email: str
    user_name: str
    solution_name: str
    started: datetime
    locale: str = "en"


class DeliveryState(StrEnum):
    """How far a delivery got, as recorded before and after it happened."""

    PREPARED = "prepared"
    COMMITTING = "committing"
    DELIVERED = "delivered"


class Delivery(Protocol):
    """The durable record of one delivery; `key` is the same in every attempt at it.

    A destination that finds `DELIVERED` returns at once. One that finds `COMMITTING` was interrupted at the critical
    moment: it asks the receiver by `key` where the protocol can, repeats where repeating does no harm, and else
    raises `DELIVERY_UNCERTAIN`.
    """

    key: str
    state: DeliveryState

    def committing(self) -> None:
        """Record, durably, that from now on the receiver may have it."""
        ...

    def rejected(self) -> None:
        """Record that the receiver certainly does not have it after all: back to `PREPARED`, so it may be repeated."""
        ...

    def delivered(self, receipt: str) -> None:
        """Record that the receiver has it; `receipt` is what it answered (a message id, a job id, an address)."""
        ...


@dataclass(frozen=True, slots=True)
class StorageAccount:
    """A cloud storage account that the running user may use.

    `provider` is a name of `connectors.storage.PROVIDERS`; `options` are the provider's plain settings (address,
    bucket, tenant); `secrets` its credentials, decrypted; `save_secrets` keeps refreshed tokens. `renewing` is a block
    in which nobody else refreshes them, and gives them as they are by then; `expire` notes that they work no more.
    """

    provider: str
    account: str
    options: dict[str, str]
    secrets: dict[str, str]
    save_secrets: Callable[[dict[str, str]], None]
    renewing: Callable[[], AbstractContextManager[dict[str, str] | None]] = nullcontext
    expire: Callable[[], None] = lambda: None

    def __repr__(self) -> str:
        return f"StorageAccount({self.provider}, {self.account})"


class StepContext(Protocol):
    """All that a step gets besides its document and parameters. One context serves one step on one document."""

    @property
    def settings(self) -> Settings: ...

    @property
    def run(self) -> RunFacts: ...

    @property
    def scratch(self) -> Path:
        """An empty folder for working files, deleted when the step ends."""
        ...

    def fetch(self, document: Document) -> Path:
        """A local copy of `document` whose checksum was verified. Do not write to it."""
        ...

    def store(
        self, path: Path, name: str, media_type: str, *, pages: int | None = None, language: str | None = None
    ) -> Document:
        """Keep the file at `path` as a result of this step, under the file name `name`."""
        ...

    def progress(self, done: int, total: int, message: Message | None = None) -> None:
        """Show how far the step is. Raises `CANCELLED` when the user has cancelled: call it often."""
        ...

    def measured(self, characters: int, targets: Sequence[str] = ()) -> None:
        """Tell, before the work, how many characters a metered service will work on, for each of `targets` if any.

        Raises what the page quotas say where there is too little left for it: nothing was done then (TR-64).
        """
        ...

    def delivery(self, document: Document, target: str) -> Delivery:
        """The record of delivering `document` to `target` (a description without secrets)."""
        ...

    def storage_account(self, provider: str) -> StorageAccount:
        """The running user's account at `provider`; raises the faults SC-E20…SC-E22."""
        ...

    def hold_for_print(self, document: Document, key: str) -> str:
        """Put `document` in the running user's cloud print queue, once per `key`; returns the held job's id."""
        ...

    def printer_address(self) -> str:
        """IPP address of the printer that the run was started from (SC-87); raises when there is none."""
        ...


P = TypeVar("P", bound=StepParameters)


@dataclass(frozen=True)
class StepExample(Generic[P]):
    """A document and parameters that show the step at work; the conformance suite runs it.

    `make_document` writes the example file into the folder it is given and returns its path.
    """

    parameters: P
    make_document: Callable[[Path], Path]


@dataclass(frozen=True)
class StepKind(Generic[P]):
    """A step as the registry knows it.

    `preload` loads what the first document would otherwise wait for. A warm worker calls it once, in the process from
    which those that run steps are forked, so that they share its memory; it leaves no thread and no connection behind.
    What needs those is loaded by `warm`, in every one of these processes.
    `accepts` are the media types it can use as its first effective step (empty: any); `output` gives the media type
    of its result for given parameters and input, where it changes (None: unchanged). `run` is the plain function.
    `service` is the metered service it uses; `targets` names what is charged separately (SQ-68; None: all together).
    """

    name: str
    title: str
    description: str
    icon: str
    parameters: type[P]
    run: Callable[[Document, P, StepContext], StepResult]
    step_class: StepClass
    example: StepExample[P]
    surfaces: frozenset[Surface] = frozenset(Surface)
    service: Service | None = None
    role: str | None = None
    accepts: frozenset[str] = frozenset()
    output: Callable[[P, str], str] | None = None
    preload: Callable[[], None] | None = None
    warm: Callable[[], None] | None = None
    targets: Callable[[P], Sequence[str]] | None = None

    def check_format(self, document: Document) -> None:
        """Raise `FORMAT_REFUSED` (SC-E14) where the step cannot use the document's type."""
        if self.accepts and document.media_type not in self.accepts:
            raise FORMAT_REFUSED(
                name=document.name,
                media_type=document.media_type,
                step=self.title,
                accepted=", ".join(sorted(self.accepts)),
            )

    @cached_property
    def task(self) -> "Task[..., StepResult]":
        """The Prefect task around `run`: retried with growing pauses, and only on transient faults."""
        from prefect import task
        from prefect.cache_policies import NO_CACHE

        settings = get_settings()
        wrap = task(
            name=self.name,
            task_run_name=self.name + " · {document.name}",
            retries=settings.step_retries,
            retry_delay_seconds=[settings.step_retry_seconds * 2**number for number in range(settings.step_retries)],
            retry_jitter_factor=0.3,
            retry_condition_fn=_failed_transiently,
            persist_result=False,
            cache_policy=NO_CACHE,
        )
        return wrap(self.run)


def _failed_transiently(_task: Any, _run: Any, state: Any) -> bool:
    try:
        state.result()
    except PressroomError as error:
        return is_transient(error)
    return False
