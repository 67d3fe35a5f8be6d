"""`pressroom organization` on the records of an installation."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from domain.organizations.children import create_child
from domain.organizations.entitlements import Entitlement
from domain.organizations.models import Organization
from domain.people.first_level import list_all_organizations
from domain.sign_in.service import SignedIn, sign_in
from domain.tenancy import system_session
from pressroom.cli import app
from tests.support.installation import Installation, installed
from tests.support.people import become_partner

RUN = CliRunner()


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as one:
        yield one


def told(*arguments: str, status: int = 0) -> str:
    result = RUN.invoke(app, ["organization", *arguments])
    assert result.exit_code == status, result.output
    return " ".join(result.output.split())


def test_an_organization_is_made_whose_administrator_can_sign_in(installation: Installation) -> None:
    output = told("create", "Second Partner", "--administrator", "Chief@second.example", "--may-have-children")
    password = output.rpartition(" ")[2]
    signed_in = sign_in("chief@second.example", password)
    assert isinstance(signed_in, SignedIn)
    actor = signed_in.actor
    assert actor.organization_name == "Second Partner"
    assert actor.has_customers_here
    assert not actor.is_operator
    assert "organization.name_taken" in told("create", "second partner", "--administrator", "x@y.example", status=1)
    assert "organization.name_character" in told("create", "A/B", "--administrator", "x@y.example", status=1)
    told("create", "Third", "--administrator", "chief@second.example", status=1)


def test_customers_are_allowed_and_services_taken_even_for_good_given_ones(installation: Installation) -> None:
    partner = become_partner(installation.administrator)
    child = create_child(partner, "Northern Foods", [Entitlement.OCR, Entitlement.MANAGED_PRINT])
    assert "organization.has_customers" in told("set", "Pressroom", "--no-children", status=1)
    assert "organization.not_first_level" in told("set", child.id, "--may-have-children", status=1)
    assert "organization.service_for_customers" in told("set", "Pressroom", "--add", "mpp", status=1)
    assert "not_found" in told("set", "Nobody", "--may-have-children", status=1)
    told("set", child.id, "--remove", "mpp", "--add", "scan")
    with system_session(read_only=True) as session:
        assert session.get_one(Organization, child.id).entitlements == ["scan", "ocr"]
    listed = list_all_organizations(installation.administrator)
    assert [(one.name, one.parent_name) for one in listed] == [
        ("Another organization", ""),
        ("Pressroom", ""),
        ("Northern Foods", "Pressroom"),
    ]
    told("set", "Another organization", "--may-have-children")
    assert "allowed" in told("list")
