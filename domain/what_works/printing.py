"""Whether somebody can print: the role and its service, the print quota, and what they print from (TS-39, TS-40)."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.messages import N_, Message
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.print_access.models import PrintCredential
from domain.print_clients.checkin import modes_of
from domain.print_clients.models import PrintClient
from domain.print_quotas.own import check_may_print, check_something_left
from domain.printing.mail_address import mail_address
from domain.printing.settings import print_settings
from domain.what_works.areas import Area, AreaState
from domain.what_works.roles import role_problem

NOTHING_SET_UP = Fault(
    "print.nothing_set_up",
    409,
    N_("No computer or phone of yours is set up to print."),
    N_("Follow “Set up printing” on the page “My account”, or add documents on the page of your print queue."),
)
NO_QUEUE = Fault(
    "print_client.no_queue",
    409,
    N_("The workstation “{host}” has no queue: none of its modes is allowed to you, or its agent has none set up."),
    N_("Run “printctl doctor” there: it says which modes are allowed and what client.json asks for."),
)
NOT_UPDATED = Fault(
    "print_client.not_updated",
    409,
    N_("The workstation “{host}” could not be brought to the version that it is to have: {problem}"),
    N_("Run “printctl doctor” there, or install the new package from the portal."),
)
MODES = N_("You may print: {modes}.")
MAILED = N_("Documents can be mailed to {address}, from the address of your account.")
SET_UP = N_("Print passwords and queue addresses: {credentials}. Workstations: {workstations}.")
MODE_NAMES = {"cloud": "cloud", "hybrid": "hybrid", "direct": "direct", "offline": "offline"}
"""In the order in which they are told, by their names in the configuration of workstations."""


def printing(session: Session, person: Actor) -> AreaState:
    """The state of printing for that person."""
    settings = print_settings(session, person.organization_id)
    modes = modes_of(person, settings)
    if not modes:
        return AreaState(Area.PRINTING, role_problem(session, person, Permission.PRINT_SUBMIT))
    if (problem := _quota_problem(person)) is not None:
        return AreaState(Area.PRINTING, problem)
    mine = select(func.count()).select_from(PrintCredential).where(PrintCredential.user_id == person.user_id)
    credentials = session.scalar(mine) or 0
    query = select(PrintClient).where(PrintClient.user_id == person.user_id).order_by(PrintClient.host)
    clients = list(session.scalars(query))
    facts = [Message.of(MODES, modes=", ".join(name for name in MODE_NAMES if name in modes))]
    if "cloud" in modes and (address := mail_address(settings)):
        facts.append(Message.of(MAILED, address=address))
    if credentials or clients:
        facts.append(Message.of(SET_UP, credentials=credentials, workstations=len(clients)))
    hints = tuple(_hints(clients)) if credentials or clients else (NOTHING_SET_UP(),)
    return AreaState(Area.PRINTING, None, hints, tuple(facts))


def _quota_problem(person: Actor) -> PressroomError | None:
    try:
        check_may_print(person)
        check_something_left(person)
    except PressroomError as error:
        return error
    return None


def _hints(clients: list[PrintClient]) -> Iterator[PressroomError]:
    for client in clients:
        if not client.queues:
            yield NO_QUEUE(host=client.host)
        if client.update_problem:
            yield NOT_UPDATED(host=client.host, problem=client.update_problem)
