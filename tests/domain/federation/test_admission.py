"""People of an identity provider: where they are sent, who is let in, what is remembered of them."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from benchmarks.installation import PASSWORD, environment
from connectors.database import open_engine
from connectors.identity.claims import Identity
from connectors.settings import get_settings
from domain.federation import faults
from domain.federation.admission import admit
from domain.federation.models import FederatedIdentity, PendingSignIn
from domain.federation.routing import is_federated, provider_for
from domain.federation.service import activate, provider_settings, release_identity, remove, set_domains
from domain.federation.sign_ins import AssertionMemory, depart
from domain.organizations.actor import Actor, actor_of_user
from domain.organizations.models import now
from domain.organizations.service import create_organization, local_administrator
from domain.tenancy import NOT_FOUND, system_session
from pressroom.first_start import prepare
from tests.domain.federation.providers import at_the_same_moment, checked, federated, refusal, saved
from tests.support.postgres import running_postgres


class TestRouting:
    """Where an address leads (AC-29)."""

    def test_by_domain_then_by_organization(self, administrator: Actor, colleague: Actor, stranger: Actor) -> None:
        federated(administrator, "acme.example")
        with system_session(read_only=True) as session:
            for email in ("anybody@acme.example", "X@ACME.EXAMPLE", colleague.email, administrator.email):
                found = provider_for(session, email)
                assert found is not None, email
                assert found.organization_id == administrator.organization_id
            for email in (stranger.email, "nobody@other.example", "", "@", "anybody@sub.acme.example"):
                assert provider_for(session, email) is None, email
            assert is_federated(session, administrator.organization_id)
            assert not is_federated(session, stranger.organization_id)

    def test_a_candidate_leads_nobody_anywhere(self, administrator: Actor) -> None:
        checked(saved(administrator, domains=["acme.example"]))
        assert depart("anybody@acme.example", "browser", "/") is None

    def test_a_departure_keeps_nothing_by_which_it_could_be_finished(self, administrator: Actor) -> None:
        federated(administrator, "acme.example")
        address = depart("anybody@acme.example", "the browser", "/runs")
        assert address is not None
        with system_session(read_only=True) as session:
            pending = session.scalars(select(PendingSignIn)).one()
        kept = f"{pending.state_hash}{pending.browser_hash}{pending.secrets}"
        assert "the browser" not in kept
        assert address.rpartition("RelayState=")[2] not in kept
        assert pending.expires < now() + timedelta(minutes=11)


PERSON = Identity("https://idp.example", "ann-1", "ann@acme.example", "Ann", "A", None, None, None, None, ())


class TestAdmission:
    """Who somebody is, by the provider's own name for them and by the address."""

    def test_the_provider_may_rename_a_person_it_knows(self, administrator: Actor) -> None:
        set_domains(administrator, ["acme.example"])
        with system_session() as session:
            first = admit(session, administrator.organization_id, PERSON)
            again = admit(session, administrator.organization_id, replace(PERSON, email="ann.b@acme.example"))
            assert again.id == first.id
            assert again.email == "ann.b@acme.example"
            assert "ann.b@acme.example" in again.search_key
            outside = admit(session, administrator.organization_id, replace(PERSON, email="ann@private.example"))
            assert (outside.id, outside.email) == (first.id, "ann.b@acme.example")

    def test_not_to_the_address_of_somebody_else(self, administrator: Actor) -> None:
        set_domains(administrator, ["acme.example"])
        with system_session() as session:
            admit(session, administrator.organization_id, PERSON)
            admit(session, administrator.organization_id, replace(PERSON, subject="bob-1", email="bob@acme.example"))
        with system_session() as session:
            renamed = replace(PERSON, email="bob@acme.example")
            assert refusal(lambda: admit(session, administrator.organization_id, renamed)) is faults.IDENTITY_CHANGED

    def test_a_new_provider_takes_over_by_address(self, administrator: Actor) -> None:
        set_domains(administrator, ["acme.example"])
        with system_session() as session:
            first = admit(session, administrator.organization_id, PERSON)
            moved = replace(PERSON, issuer="https://other.example", subject="4711")
            assert admit(session, administrator.organization_id, moved).id == first.id

    def test_without_a_name_of_its_own_the_address_decides(self, administrator: Actor) -> None:
        set_domains(administrator, ["acme.example"])
        transient = replace(PERSON, subject="")
        with system_session() as session:
            first = admit(session, administrator.organization_id, transient)
            assert admit(session, administrator.organization_id, transient).id == first.id

    def test_claims_that_are_sent_empty_end_a_membership(self, administrator: Actor) -> None:
        set_domains(administrator, ["acme.example"])
        with system_session() as session:
            admit(session, administrator.organization_id, replace(PERSON, department="Sales", cost_center="CC1"))
            person = admit(session, administrator.organization_id, replace(PERSON, department=""))
            assert (person.department, person.cost_center) == ("", "CC1")

    def test_a_display_name_of_ones_own_stays(self, administrator: Actor) -> None:
        set_domains(administrator, ["acme.example"])
        with system_session() as session:
            person = admit(session, administrator.organization_id, PERSON)
            person.name = "Annie"
            person = admit(session, administrator.organization_id, replace(PERSON, last_name="B"))
            assert (person.name, person.last_name) == ("Annie", "B")

    def test_whoever_was_made_may_sign_in_and_nothing_more(self, administrator: Actor) -> None:
        set_domains(administrator, ["acme.example"])
        with system_session() as session:
            person_id = admit(session, administrator.organization_id, PERSON).id
        assert actor_of_user(person_id).roles == frozenset({"User"})

    def test_a_link_is_released_by_the_own_administrator_only(self, administrator: Actor, stranger: Actor) -> None:
        set_domains(administrator, ["acme.example"])
        with system_session() as session:
            admit(session, administrator.organization_id, PERSON)
        assert refusal(lambda: release_identity(stranger, PERSON.email)) is NOT_FOUND
        release_identity(administrator, "ANN@acme.example")
        with system_session(read_only=True) as session:
            assert session.scalar(select(FederatedIdentity)) is None


def test_an_assertion_is_remembered_once_per_installation(administrator: Actor) -> None:
    memory = AssertionMemory(administrator.organization_id)
    until = now() + timedelta(hours=1)
    assert memory.remember("a", until)
    assert not memory.remember("a", until)
    assert memory.remember("b", until)


def test_nothing_of_a_removed_provider_stays(administrator: Actor, tmp_path: Path) -> None:
    federated(administrator, "acme.example")
    with system_session() as session:
        admit(session, administrator.organization_id, PERSON)
    settings = remove(administrator)
    assert (settings.active, settings.candidate, settings.domains) == (None, None, ())
    with system_session(read_only=True) as session:
        assert session.scalar(select(FederatedIdentity)) is None
        assert not is_federated(session, administrator.organization_id)


def test_the_same_holds_on_postgresql(tmp_path: Path) -> None:
    """Unique domains under a race, people in a domain, replays and taken sign-ins, as the other database does it."""
    with running_postgres("records") as server:
        values = {
            "PRESSROOM_HOME": str(tmp_path),
            "PRESSROOM_ADMIN_PASSWORD": PASSWORD,
            "PRESSROOM_DATABASE_URL": f"{server}/records",
        }
        with environment(values):
            prepare(get_settings())
            administrator = local_administrator()
            stranger = create_organization("Contoso", "chief@contoso.example", "Chief", PASSWORD)
            outcomes = at_the_same_moment(
                *(lambda actor=actor: set_domains(actor, ["acme.example"]) for actor in (administrator, stranger))
            )
            assert sorted(outcomes) == ["", "federation.domain_taken"]
            for actor in (administrator, stranger):
                set_domains(actor, [])
            assert refusal(lambda: set_domains(administrator, ["contoso.example"])) is faults.DOMAIN_TAKEN
            assert set(at_the_same_moment(*[lambda: saved(administrator)] * 2)) == {""}
            assert checked(provider_settings(administrator)) is None
            activate(administrator)
            set_domains(administrator, ["acme.example"])
            made = at_the_same_moment(*[lambda: admitted(administrator)] * 2)
            assert made == ["", ""]
            memory = AssertionMemory(administrator.organization_id)
            assert [memory.remember("a", now() + timedelta(hours=1)) for _ in range(2)] == [True, False]
            assert depart("ann@acme.example", "browser", "/") is not None
            open_engine(get_settings().records_url).dispose()


def admitted(administrator: Actor) -> None:
    with system_session() as session:
        admit(session, administrator.organization_id, PERSON)
