"""The flow that takes what was printed at universal print services: organizations do not hold each other up."""

from pathlib import Path

import pytest

from connectors.secrets import encrypt
from domain.cloud_printing.models import CloudPrinter, RegistrationState
from domain.cloud_printing.taking import UNKNOWN_OWNER
from domain.recorded_errors import error_record
from domain.tenancy import tenant_session
from flows.universal_print import take_universal_print_jobs
from tests.support.installation import installed
from tests.support.universal_print import TENANT, universal_print_service


def test_one_organization_that_fails_unexpectedly_holds_up_no_other_and_fails_the_run(tmp_path: Path) -> None:
    with universal_print_service() as cloud:
        settings = {name.removeprefix("PRESSROOM_").lower(): value for name, value in cloud.settings().items()}
        with installed(tmp_path / "home", **settings) as installation:
            actors = (installation.administrator, installation.stranger)
            torn, other = sorted(actor.organization_id for actor in actors)
            add_registration(torn, {})
            add_registration(other, {"printer": "gone", "definition": "gone"})
            with pytest.raises(RuntimeError, match="could not be taken: 1"):
                take_universal_print_jobs.fn()
            with tenant_session(other, read_only=True) as session:
                assert session.get_one(CloudPrinter, other).error is None, "it was asked, and the trouble is over"
            with tenant_session(torn, read_only=True) as session:
                assert session.get_one(CloudPrinter, torn).busy_until is None


def add_registration(organization_id: str, places: dict[str, str]) -> None:
    """A queue that is registered, at these places of the service, with trouble the last time."""
    with tenant_session(organization_id) as session:
        row = CloudPrinter(organization_id=organization_id, places=places, state=RegistrationState.REGISTERED)
        row.tenant_id, row.secrets = TENANT["id"], encrypt({"refresh_token": "any"})
        row.error = error_record(UNKNOWN_OWNER(owner="anna@one.example"))
        session.add(row)
