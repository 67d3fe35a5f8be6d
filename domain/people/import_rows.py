"""Doing the rows of a user import: some at a time in one transaction, each wholly or not at all (AC-99…AC-107).

Everything that speaks against a row is looked at before anything of it is written, so that many rows can share a
transaction without sharing each other's fate. What only the database can tell (somebody took an address at this very
moment, nobody would be left to administer the organization) makes the caller do the rows one by one.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.errors import Fault, PressroomError
from connectors.messages import N_, Message
from domain.audit.service import Facts, record
from domain.organizations.actor import Actor
from domain.organizations.grants import check_membership, check_power_over
from domain.organizations.groups import name_key
from domain.organizations.last_administrator import LAST_ADMINISTRATOR, administrators_kept
from domain.organizations.memberships import begin_membership
from domain.organizations.models import NO_ACCOUNT, Group, GroupMember, Membership, User
from domain.organizations.permissions import Permission
from domain.people.deletion import anonymise
from domain.people.groups import add_group
from domain.people.import_file import ImportRow, Operation, RowFault
from domain.people.service import ADDRESS_TAKEN, YOURSELF, apply_change
from domain.sign_in.links import send_links
from domain.sign_in.models import LinkPurpose
from domain.sign_in.password_changes import owner_of, replace_password
from domain.sign_in.password_rules import check_password
from domain.sign_in.rules import Rules
from domain.tenancy import new_id

DONE = {
    "created": N_("{email} is created."),
    "changed": N_("{email} is changed."),
    "deleted": N_("{email} is deleted."),
}
"""What each operation tells in the log."""
GROUP_RENAMED = N_("{email}: the group “{group}” is called “{name}” here, because some characters cannot be in names.")
NOBODY = Fault(
    "user_import.nobody",
    404,
    N_("Nobody here has the e-mail address “{email}”."),
    N_("Check the address, or write CREATE."),
)
PASSWORD_MISSING = Fault(
    "user_import.password_missing",
    422,
    N_("A new person needs a password."),
    N_("Write one, or choose that new people get a link to set their password."),
    spec="AC-102",
)


@dataclass(frozen=True, slots=True)
class RowDone:
    """A line for the log: what a row did, what is to be noted about it, or what speaks against it."""

    number: int
    email: str
    message: Message
    level: str = "info"


@dataclass(frozen=True, slots=True)
class ImportChoices:
    """What holds for all rows: whose import it is, and how new people come to a password."""

    actor: Actor
    rules: Rules
    send_links: bool
    is_federated: bool


def do_rows(
    session: Session, choices: ImportChoices, rows: Sequence[ImportRow | RowFault], hashes: Mapping[int, str]
) -> list[RowDone]:
    """Do these rows in their order; `hashes` are those of the new people's passwords, by the rows' numbers.

    `session` sees all organizations. Raises `IntegrityError` or `LAST_ADMINISTRATOR` where the rows have to be done
    one by one (`do_rows_singly`).
    """
    if not any(isinstance(row, ImportRow) and row.operation is Operation.DELETE for row in rows):
        return _Rows(session, choices, hashes).do(rows)
    with administrators_kept(session, choices.actor.organization_id):
        return _Rows(session, choices, hashes).do(rows)


def do_rows_singly(
    session: Session, choices: ImportChoices, rows: Sequence[ImportRow | RowFault], hashes: Mapping[int, str]
) -> list[RowDone]:
    """As `do_rows`; what the database refuses is the end of one row only."""
    done: list[RowDone] = []
    for row in rows:
        try:
            with session.begin_nested():
                done += do_rows(session, choices, [row], hashes)
        except IntegrityError:
            done.append(_refused(row, ADDRESS_TAKEN(address=row.email)))
        except PressroomError as error:
            if error.fault is not LAST_ADMINISTRATOR:
                raise
            done.append(_refused(row, error))
    return done


@dataclass
class _Rows:
    """Some rows at work, with what they need to know: people, groups and memberships by the names that rows use."""

    session: Session
    choices: ImportChoices
    hashes: Mapping[int, str]
    people: dict[str, User] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)
    powerless: set[str] = field(default_factory=set)
    groups: dict[str, Group] = field(default_factory=dict)
    members: set[tuple[str, str]] = field(default_factory=set)
    leaving: list[User] = field(default_factory=list)
    newcomers: list[tuple[User, Mapping[Membership, str]]] = field(default_factory=list)
    joining: list[GroupMember] = field(default_factory=list)

    def do(self, rows: Sequence[ImportRow | RowFault]) -> list[RowDone]:
        self._look_up([row for row in rows if isinstance(row, ImportRow)])
        done = [line for row in rows for line in self._one(row)]
        self._let_go()
        self._settle()
        return done

    def _look_up(self, rows: Sequence[ImportRow]) -> None:
        organization_id = self.choices.actor.organization_id
        found = self.session.scalars(select(User).where(User.email.in_([row.email for row in rows]))).all()
        self.people = {one.email: one for one in found if one.organization_id == organization_id}
        self.elsewhere = {one.email for one in found} - self.people.keys()
        self.powerless = self._without_power([one.id for one in self.people.values()])
        if any(row.groups for row in rows):
            groups = self.session.scalars(select(Group).where(Group.organization_id == organization_id))
            self.groups = {group.name_key: group for group in groups}
            ids = [one.id for one in self.people.values()]
            pairs = select(GroupMember.group_id, GroupMember.user_id).where(GroupMember.user_id.in_(ids))
            self.members = {(group_id, user_id) for group_id, user_id in self.session.execute(pairs)}

    def _without_power(self, user_ids: Collection[str]) -> set[str]:
        """Whom the actor must not touch (AC-46): usually nobody, which one question tells."""
        try:
            check_power_over(self.session, self.choices.actor, user_ids)
        except PressroomError:
            if len(user_ids) == 1:
                return set(user_ids)
            return set[str]().union(*(self._without_power([user_id]) for user_id in user_ids))
        return set()

    def _one(self, row: ImportRow | RowFault) -> Iterable[RowDone]:
        if isinstance(row, RowFault):
            return [_refused(row, row.error)]
        perform = {Operation.CREATE: self._create, Operation.UPDATE: self._change, Operation.DELETE: self._delete}
        try:
            perform[row.operation](row)
        except PressroomError as error:
            if error.transient:
                raise
            return [_refused(row, error)]
        outcome = {Operation.CREATE: "created", Operation.UPDATE: "changed", Operation.DELETE: "deleted"}
        notes = [
            RowDone(
                row.number, row.email, Message.of(GROUP_RENAMED, email=row.email, group=group, name=name), "warning"
            )
            for group, name in row.replaced
        ]
        return [RowDone(row.number, row.email, Message.of(DONE[outcome[row.operation]], email=row.email)), *notes]

    def _create(self, row: ImportRow) -> None:
        actor, facts = self.choices.actor, dict(row.facts or {})
        actor.need(Permission.USERS_CREATE)
        if any(one.email == row.email for one in self.leaving):
            self._let_go()
        if row.email in self.people or row.email in self.elsewhere:
            raise ADDRESS_TAKEN(address=row.email)
        places = {kind: facts.pop(kind.value, "") for kind in Membership}
        names = {name: facts.get(name, "") for name in ("name", "first_name", "last_name", "short_name")}
        person = User(
            id=new_id(),
            organization_id=actor.organization_id,
            email=row.email,
            locale=actor.locale,
            time_zone=actor.time_zone,
            custom_attributes=dict(row.attributes or {}),
            **names,
        )
        person.password_hash = self._new_hash(row, person)
        groups = self._groups(row, person)
        self.session.add(person)
        self.newcomers.append((person, places))
        self.people[row.email] = person
        record(self.session, actor, "user.created", "user", person.id, {"by": "import"})
        self._join(person, groups)

    def _new_hash(self, row: ImportRow, person: User) -> str:
        """AC-91, AC-94, AC-102."""
        if self.choices.is_federated:
            return ""
        if not row.password:
            if not self.choices.send_links:
                raise PASSWORD_MISSING()
            return ""
        check_password(row.password, owner_of(self.session, person), self.choices.rules.shortest_password)
        return self.hashes[row.number]

    def _change(self, row: ImportRow) -> None:
        person = self._person(row)
        groups = self._groups(row, person)
        if row.facts:
            self._settle()
        if row.password and not self.choices.is_federated:
            self.choices.actor.need(Permission.USERS_CREDENTIALS)
            self._settle()
            replace_password(self.session, person, row.password)
        changed = apply_change(self.session, person, row.facts or {})
        if row.attributes is not None:
            person.custom_attributes = dict(row.attributes)
            changed.append("custom_attributes")
        facts: Facts = {"by": "import", "fields": [*changed, *(["password"] if row.password else [])]}
        record(self.session, self.choices.actor, "user.changed", "user", person.id, facts)
        self._join(person, groups)

    def _delete(self, row: ImportRow) -> None:
        self.choices.actor.need(Permission.USERS_DELETE)
        person = self._person(row)
        if person.id == self.choices.actor.user_id:
            raise YOURSELF()
        record(self.session, self.choices.actor, "user.deleted", "user", person.id, {"by": "import"})
        self.leaving.append(self.people.pop(row.email))

    def _let_go(self) -> None:
        """Delete those whose rows said so; many at once, because each table is asked once for all of them."""
        if self.leaving:
            self._settle()
            anonymise(self.session, self.leaving)
            self.leaving = []

    def _settle(self) -> None:
        """Write the new people, then what refers to them."""
        self.session.flush()
        newcomers, self.newcomers = self.newcomers, []
        for person, places in newcomers:
            for kind, name in places.items():
                begin_membership(self.session, person, kind, name)
        self.session.add_all(self.joining)
        self.joining = []
        self.session.flush()
        if self.choices.send_links and not self.choices.is_federated:
            send_links(self.session, [person for person, _ in newcomers], LinkPurpose.INVITATION)

    def _person(self, row: ImportRow) -> User:
        """Whom an existing person's row is about; raises `NOBODY` and `ROLE_MISSING`."""
        person = self.people.get(row.email)
        if person is None or person.status in NO_ACCOUNT:
            raise NOBODY(email=row.email)
        if person.id in self.powerless:
            check_power_over(self.session, self.choices.actor, [person.id])
        self.choices.actor.need(Permission.USERS_EDIT)
        return person

    def _groups(self, row: ImportRow, person: User) -> list[Group]:
        """The row's groups; unknown ones are made, unless one of the others is beyond the actor's power (AC-46)."""
        known = [self.groups.get(name_key(name)) for name in row.groups]
        for group in known:
            if group is not None and (group.id, person.id) not in self.members:
                check_membership(self.choices.actor, group)
        if None in known:
            self.choices.actor.need(Permission.GROUPS_CREATE)
        return [group or self._new_group(name) for group, name in zip(known, row.groups, strict=True)]

    def _new_group(self, name: str) -> Group:
        key = name_key(name)
        if key not in self.groups:
            self.groups[key] = add_group(self.session, self.choices.actor, name)
        return self.groups[key]

    def _join(self, person: User, groups: Iterable[Group]) -> None:
        added = [group for group in groups if (group.id, person.id) not in self.members]
        for group in added:
            self.members.add((group.id, person.id))
            self.joining.append(
                GroupMember(organization_id=person.organization_id, group_id=group.id, user_id=person.id)
            )
        if added:
            groups_joined = [group.id for group in added]
            record(self.session, self.choices.actor, "user.joined_groups", "user", person.id, {"groups": groups_joined})


def _refused(row: ImportRow | RowFault, error: PressroomError) -> RowDone:
    facts = {name: value for name, value in error.facts.items() if isinstance(value, str | int | float)}
    return RowDone(row.number, row.email, Message.of(error.fault.message, **facts), "error")


def _group_renamed(email: str, given: str, kept: str) -> Message:
    return Message.of(GROUP_RENAMED, email=email, group=given, name=kept)
