"""Names of claims (AC-140…AC-145)."""

from pathlib import Path

import pytest

from connectors.errors import PressroomError
from connectors.identity import faults
from connectors.identity.claims import (
    ACCEPTED_NAMES,
    LONGEST_VALUE,
    NAMESPACES,
    REQUIRED,
    Claim,
    claim_named,
    identity_of,
)

BASIC = {"email": ["ann@acme.example"], "firstname": ["Ann"], "lastname": ["Andersson"]}
DOCUMENTED = {
    Claim.EMAIL: ["email", "EMAIL", f"{NAMESPACES[0]}emailaddress"],
    Claim.FIRST_NAME: ["firstname", "given_name", "givenname", "First Name", f"{NAMESPACES[0]}givenname"],
    Claim.LAST_NAME: ["lastname", "family_name", "surname", "last name", f"{NAMESPACES[0]}surname"],
    Claim.BADGE: ["badge", "Badge"],
    Claim.PIN: ["pin", "PIN"],
    Claim.COST_CENTER: ["costCenter", "cost_center", "cost center", "Cost center", "costcenter"],
    Claim.DEPARTMENT: ["department", "Department", f"{NAMESPACES[1]}department"],
}


@pytest.mark.parametrize(("claim", "name"), [(claim, name) for claim in Claim for name in DOCUMENTED[claim]])
def test_documented_names_and_whatever_is_accepted_lead_to_the_claim(claim: Claim, name: str) -> None:
    assert claim_named(name) is claim
    assert all(claim_named(accepted) is claim for accepted in ACCEPTED_NAMES[claim])


@pytest.mark.parametrize("name", ["", "emails", "name", "badge number", "http://evil.example/claims/email"])
def test_other_names_mean_nothing(name: str) -> None:
    assert claim_named(name) is None


@pytest.mark.parametrize("missing", REQUIRED)
def test_a_missing_or_empty_required_claim_is_named(missing: Claim) -> None:
    for received in ({**BASIC, missing.value: []}, {**BASIC, missing.value: ["  "]}):
        with pytest.raises(PressroomError) as caught:
            identity_of("issuer", "ann", received)
        assert caught.value.fault is faults.MISSING_CLAIM
        assert missing.value in caught.value.message


def test_additional_claims_may_be_absent() -> None:
    identity = identity_of("issuer", "ann", BASIC)
    assert (identity.badge, identity.pin, identity.cost_center, identity.department) == (None, None, None, None)


def test_an_additional_claim_that_was_sent_empty_is_empty() -> None:
    """The directory knows that there is none, which is more than not knowing."""
    assert identity_of("issuer", "ann", {**BASIC, "badge": [""], "department": []}).badge == ""
    assert identity_of("issuer", "ann", {**BASIC, "badge": [""], "department": []}).department == ""


def test_the_canonical_name_counts_before_others() -> None:
    received = {f"{NAMESPACES[0]}emailaddress": ["old@acme.example"], **BASIC, "mail": ["other@acme.example"]}
    assert identity_of("issuer", "ann", received).email == "ann@acme.example"


def test_everything_received_can_be_shown() -> None:
    assert ("groups", "a, b") in identity_of("issuer", "ann", {**BASIC, "groups": ["a", "b"]}).received


@pytest.mark.parametrize(
    "email", ["ann", "ann@acme", "ann@acme.example\nBcc: x@y.example", "a b@acme.example", "@acme.example"]
)
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(PressroomError) as caught:
        identity_of("issuer", "ann", {**BASIC, "email": [email]})
    assert caught.value.fault is faults.BAD_CLAIM


@pytest.mark.parametrize("value", ["x" * (LONGEST_VALUE + 1), "a\x00b", "a\nb"])
def test_values_that_no_field_takes_are_refused(value: str) -> None:
    with pytest.raises(PressroomError) as caught:
        identity_of("issuer", "ann", {**BASIC, "department": [value]})
    assert "department" in caught.value.message


def test_the_documentation_names_every_claim_as_it_is_understood() -> None:
    text = (Path(__file__).parents[2] / "docs" / "identity-providers.md").read_text(encoding="utf-8")
    for claim, names in ACCEPTED_NAMES.items():
        assert f"| `{claim.value}` | {', '.join(name for name in names if ':' not in name)} |" in text
