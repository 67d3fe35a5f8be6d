"""A hundred thousand people straight in the records, and the questions that lists and pages ask about them."""

from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import insert

from connectors.database import open_engine
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.models import Group, GroupMember, Membership, User, now, roles_key
from domain.organizations.permissions import Permission
from domain.people.listing import PersonFilter, PersonSort, count_people, list_people, membership_names
from domain.sign_in.credentials import actor_of_token
from domain.sign_in.sessions import open_session
from domain.tenancy import system_session

FIRST = ("Anna", "Erik", "Åsa", "Lars", "Karin", "Johan", "Maria", "Per", "Eva", "Karl", "Ingrid", "Nils")
LAST = ("Lindberg", "Andersson", "Johansson", "Karlsson", "Nilsson", "Eriksson", "Larsson", "Olsson", "Persson")
BATCH = 5000


def questions(actor: Actor, token: str) -> Mapping[str, Callable[[], object]]:
    """What is asked of the people, by what it is called in the table; `token` is of a session of the actor."""
    return {
        "first page by name": lambda: list_people(actor),
        "first page by e-mail": lambda: list_people(actor, PersonFilter(sort=PersonSort.EMAIL)),
        "first page by department": lambda: list_people(actor, PersonFilter(sort=PersonSort.DEPARTMENT)),
        "page in the middle": lambda: list_people(actor, PersonFilter(after=("karl lindberg", "0"))),
        "search, rare": lambda: list_people(actor, PersonFilter("berg77")),
        "search, common": lambda: list_people(actor, PersonFilter("anna a")),
        "search, nobody": lambda: list_people(actor, PersonFilter("zzzz")),
        "department": lambda: list_people(actor, PersonFilter(department="Dept 7")),
        "role of many": lambda: list_people(actor, PersonFilter(role="Solutions User")),
        "role of a group": lambda: list_people(actor, PersonFilter(role="OCR User")),
        "role of nobody": lambda: list_people(actor, PersonFilter(role="Help Desk")),
        "count": lambda: count_people(actor),
        "count of a search": lambda: count_people(actor, PersonFilter("anna")),
        "count of a role": lambda: count_people(actor, PersonFilter(role="OCR User")),
        "departments": lambda: membership_names(actor, Membership.DEPARTMENT),
        "permission check": lambda: actor_of_token(token).need(Permission.USERS_VIEW),
    }


def session_of(actor: Actor) -> str:
    """The token of a new session."""
    with system_session() as session:
        return open_session(session, session.get_one(User, actor.user_id)).token


def seed_people(actor: Actor, count: int) -> None:
    """Put `count` people into the actor's organization, every tenth of them into a group that gives a role."""
    rows = list(_people(actor, count))
    with system_session() as session:
        for start in range(0, count, BATCH):
            session.execute(insert(User), rows[start : start + BATCH])
        group = Group(organization_id=actor.organization_id, name="Crew", name_key="crew", roles=["OCR User"])
        session.add(group)
        session.flush()
        members = [
            {"organization_id": actor.organization_id, "group_id": group.id, "user_id": row["id"]} for row in rows[::10]
        ]
        session.execute(insert(GroupMember), members)
    _tidy()


def _tidy() -> None:
    """What PostgreSQL does by itself before long; SQLite is measured as it is."""
    engine = open_engine(get_settings().records_url)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _people(actor: Actor, count: int) -> Iterator[dict[str, object]]:
    for number in range(count):
        first, last = FIRST[number % len(FIRST)], LAST[number * 7 % len(LAST)]
        email, name, short = f"{first}.{last}{number}@example.com".lower(), f"{first} {last}", f"{first[:2]}{number}"
        yield {
            "id": f"{number:032x}",
            "organization_id": actor.organization_id,
            "email": email,
            "name": name,
            "first_name": first,
            "last_name": last,
            "short_name": short,
            "department": f"Dept {number % 300}",
            "cost_center": f"CC{number % 500}",
            "custom_attributes": {"building": "North"},
            "roles": (roles := ["Solutions User"] if number % 7 else []),
            "roles_key": roles_key(roles),
            "search_key": "\n".join((email, name, first, last, short)).casefold(),
            "name_key": name.casefold(),
            "created": now(),
        }
