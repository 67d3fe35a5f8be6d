"""What happens when a workstation calls in: its status is kept, and it is told what it may do (F-26, PR-331)."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.secrets import fingerprint
from domain.organizations.actor import Actor
from domain.organizations.models import User, now
from domain.organizations.permissions import Permission
from domain.print_clients.models import PrintClient
from domain.print_clients.updates import Update, policies_in_force, update_for
from domain.printing.models import PrintSettingsRow
from domain.printing.settings import PrintSettings, print_settings
from domain.workstation_printing.registration import end_workstation

CHECK_IN_EVERY = timedelta(hours=4)
"""How often workstations fetch their settings (section 41)."""
MOST_QUEUES = 50
LONGEST_PROBLEM = 255


@dataclass(frozen=True, slots=True)
class Status:
    """What a workstation says of itself. `key` is the secret id that it made for itself.

    `update_problem` says why the version that it is to have could not be installed.
    """

    key: str
    host: str
    system: str = ""
    kind: str = "printctl"
    version: str = ""
    addresses: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    update_problem: str = ""


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """What the workstation is told: its id here, what its person may do with it, and the version of the settings."""

    client_id: str
    modes: frozenset[str]
    settings: PrintSettings
    settings_version: int
    update: Update


def check_in(actor: Actor, status: Status) -> CheckedIn:
    """Keep what the workstation says, and answer what its person may do there now."""
    actor.need(Permission.OWN_ACCOUNT)
    with actor.session() as session:
        client = client_of(session, status.key)
        if client is None:
            client = PrintClient(fingerprint=_kept(status.key), host=status.host, user_id=actor.user_id)
            session.add(client)
        client.user_id, client.host, client.system = actor.user_id, status.host[:255], status.system[:64]
        client.kind, client.version = status.kind[:32], status.version[:32]
        client.addresses = [one[:64] for one in status.addresses[:MOST_QUEUES]]
        client.queues = [one[:127] for one in status.queues[:MOST_QUEUES]]
        client.update_problem = status.update_problem[:LONGEST_PROBLEM]
        client.last_contact = now()
        session.flush()
        settings = print_settings(session, actor.organization_id)
        policy = policies_in_force(session, settings, [(client, session.get_one(User, actor.user_id))])[client.id]
        return CheckedIn(
            client.id,
            modes_of(actor, settings),
            settings,
            _settings_version(session, actor),
            update_for(client.version, policy.rules, settings),
        )


def note_contact(actor: Actor, key: str) -> int:
    """The workstation is there; returns the version of the settings that count now (PR-277)."""
    actor.need(Permission.OWN_ACCOUNT)
    with actor.session() as session:
        client = client_of(session, key)
        if client is not None and client.user_id == actor.user_id:
            client.last_contact = now()
        return _settings_version(session, actor)


def check_out(actor: Actor, key: str) -> None:
    """The person has signed out at the workstation: it is no client any more, its hybrid jobs go (PR-304, PR-245)."""
    actor.need(Permission.OWN_ACCOUNT)
    with actor.session() as session:
        client = client_of(session, key)
        if client is not None and client.user_id == actor.user_id:
            session.delete(client)
        end_workstation(session, actor, sha256(key.encode()).hexdigest())


def modes_of(actor: Actor, settings: PrintSettings) -> frozenset[str]:
    """By which ways the person may print from a workstation: cloud, hybrid, direct, offline (PR-46)."""
    use_with = settings.assignments.use_with if settings.assignments.enabled else ""
    may_directly = actor.may(Permission.DIRECT_SUBMIT)
    modes = {
        "cloud": actor.may(Permission.PRINT_SUBMIT),
        "hybrid": actor.may(Permission.HYBRID_SUBMIT),
        "direct": may_directly and use_with in ("direct", "direct_and_offline"),
        "offline": use_with in ("offline", "direct_and_offline"),
    }
    return frozenset(mode for mode, is_open in modes.items() if is_open)


def client_of(session: Session, key: str) -> PrintClient | None:
    """The client whose secret id this is, in the session's organization."""
    return session.scalar(select(PrintClient).where(PrintClient.fingerprint == _kept(key)))


def _settings_version(session: Session, actor: Actor) -> int:
    row = session.get(PrintSettingsRow, actor.organization_id)
    return row.version if row is not None else 0


def _kept(key: str) -> str:
    return fingerprint("print client", key)
