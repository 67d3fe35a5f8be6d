"""The hybrid mode of a workstation's agent: documents stay here, and are printed from here when they are released."""

import asyncio
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from cryptography.fernet import Fernet

from connectors.errors import PressroomError
from connectors.messages import N_, Message
from pressroom.workstation import VERSION
from pressroom.workstation.cloud import Cloud
from pressroom.workstation.configuration import Configuration
from pressroom.workstation.folder import WorkstationFolder
from pressroom.workstation.host import host_facts
from pressroom.workstation.modules import Workstation
from pressroom.workstation.node.identity import NodeIdentity, kept_identity
from pressroom.workstation.node.keys import NodeKeys, certificate_request, new_key
from pressroom.workstation.node.portal import NodePortal, Way
from pressroom.workstation.node.printer_trust import PrinterTrust
from pressroom.workstation.node.spool import Spool
from pressroom.workstation.node.store import NodeStore
from pressroom.workstation.node.work import NodeWork, Place

log = structlog.get_logger(__name__)

NOT_ACCEPTED = N_("“{name}” was not accepted, and is deleted: {reason}")
Tell = Callable[[str], None]
"""Has the person read something; an empty text: what was told counts no more."""
FOLDER = "hybrid"
"""Below the agent's folder; it goes when its person signs out (PR-245)."""
TOLD = "told"
"""Under this name the agent seals what the portal said at the last check-in."""
LOOK_SECONDS = 0.5
LONGEST_UNTOLD = 60.0
"""Seconds; a node of which the portal hears nothing for long counts as unreachable."""
RESERVE = 1_000_000_000
"""Bytes that a workstation keeps free for its person."""


class HybridPrinting:
    """Registers the workstation as a node, tells the portal of what was spooled, and prints what is released."""

    name, mode = "hybrid printing", "hybrid"

    async def run(self, workstation: Workstation) -> None:
        identity = await node_identity(workstation)
        stop, loop = threading.Event(), asyncio.get_running_loop()

        def tell(text: str) -> None:
            workstation.notes[self.name] = text
            if text:
                loop.call_soon_threadsafe(workstation.on_notice, text)

        working = asyncio.create_task(asyncio.to_thread(self._work, workstation, identity, stop, tell))
        try:
            await asyncio.shield(working)
        finally:
            stop.set()
            await working

    def _work(self, workstation: Workstation, identity: NodeIdentity, stop: threading.Event, tell: Tell) -> None:
        folder = workstation.folder.subfolder(FOLDER)
        chosen = workstation.configuration.network_interface_selector_settings
        schedule = workstation.configuration.schedule_settings
        every = min(LONGEST_UNTOLD, schedule.ip_change_monitor_interval_in_seconds)
        place = Place(
            folder,
            PrinterTrust.of(workstation.folder),
            lambda: host_facts(chosen).addresses,
            reserve=RESERVE,
            status=lambda: every,
        )
        with NodePortal(way_of(workstation), identity.credential) as portal:
            work = HybridWork(place, identity, portal, stop, workstation.folder.box(), tell)
            telling = threading.Thread(target=work.tell_spooled, name="hybrid-spool", daemon=True)
            telling.start()
            work.run()
            telling.join()
        if work.is_ended:
            identity.forget()


class HybridWork(NodeWork):
    """A node that has a spool too."""

    def __init__(
        self, place: Place, identity: NodeIdentity, portal: NodePortal, stop: threading.Event, box: Fernet, tell: Tell
    ) -> None:
        super().__init__(place, identity, portal, stop)
        self._spool = Spool(place.folder, box, self.store)
        self._portal_of_spool, self._stop_telling, self._tell_person = portal, stop, tell

    def tell_spooled(self) -> None:
        """Tell the portal of what was spooled, as soon as it is there; what it refuses for good is deleted."""
        while not self._stop_telling.is_set():
            for spooled in self._spool.waiting():
                try:
                    job_id = self._portal_of_spool.register_job(Spool.told(spooled))
                except PressroomError as error:
                    self._check_ended(error)
                    if error.transient or self._stop_telling.is_set():
                        break
                    log.warning("a document was not accepted", code=error.facts.get("code", error.code))
                    self._spool.drop(spooled)
                    reason = str(error.facts.get("reason", error.message))
                    self._tell_person(str(Message.of(NOT_ACCEPTED, name=spooled.name, reason=reason)))
                else:
                    self._spool.registered(spooled, job_id)
                    self._tell_person("")
            self._stop_telling.wait(LOOK_SECONDS)

    def _unnamed(self) -> frozenset[str]:
        return self._spool.local_ids()


async def node_identity(workstation: Workstation) -> NodeIdentity:
    """The workstation's identity as a node, registered as the person who is signed in where it has none yet."""
    return await _identity(workstation.folder, workstation.configuration, workstation.cloud, workstation.told.user_id)


async def ensure_node(folder: WorkstationFolder, configuration: Configuration, cloud: Cloud) -> None:
    """See that the workstation is registered as a node; without the portal it is left as it is (section 28)."""
    known = folder.unsealed(TOLD)
    person = str(known["person"]["id"]) if known is not None else ""
    try:
        await _identity(folder, configuration, cloud, person)
    except PressroomError as error:
        if not error.transient:
            raise


@contextmanager
def kept_portal(folder: WorkstationFolder, configuration: Configuration) -> Iterator[tuple[NodePortal | None, str]]:
    """The portal for the node that is registered here, None without one, and whose it is."""
    identity = kept_identity(folder.subfolder("node"))
    if identity is None:
        yield None, ""
        return
    with NodePortal(_way(identity.portal, configuration), identity.credential) as portal:
        yield portal, identity.user_id


async def _identity(home: WorkstationFolder, configuration: Configuration, cloud: Cloud, person: str) -> NodeIdentity:
    folder, portal = home.subfolder("node"), cloud.portal
    known = kept_identity(folder)
    if known is not None and (known.portal, known.user_id) == (portal, person):
        return known
    key = new_key()
    facts = host_facts(configuration.network_interface_selector_settings)
    told = await cloud.json(
        "POST",
        "/workstation/v1/registrations",
        json={
            "device_id": device_id(home),
            "name": facts.host,
            "request": certificate_request(key),
            "version": VERSION,
            "system": facts.system,
            "addresses": list(facts.addresses),
        },
    )
    keys = NodeKeys(key, told["certificate"], told["authority"])
    identity = NodeIdentity(folder, portal, told["node_id"], told["credential"], keys, person)
    identity.keep()
    return identity


def device_id(folder: WorkstationFolder) -> str:
    """By what the portal knows this workstation as a node: it follows from the secret id, and does not tell it."""
    return hashlib.sha256(folder.workstation_key().encode()).hexdigest()


def way_of(workstation: Workstation) -> Way:
    """How the portal is reached, as the configuration says."""
    return _way(workstation.cloud.portal, workstation.configuration)


def _way(portal: str, configuration: Configuration) -> Way:
    proxy, validation = configuration.web_proxy_settings, configuration.certificate_validation_settings
    return Way(portal, proxy.address if proxy.enabled else "", validation.authority_file)


def spool_of(folder: WorkstationFolder) -> Spool:
    """The spool of the person who is signed in, for whoever prints something here."""
    hybrid: Path = folder.subfolder(FOLDER)
    return Spool(hybrid, folder.box(), NodeStore(hybrid / "jobs", RESERVE))
