"""The limits of the fleet's section 39, each with its number; what happens at a limit is tested where it acts."""

from datetime import timedelta

import pytest

from connectors.printers.files import BUNDLE_LIMIT, FILE_LIMIT
from connectors.settings import Settings
from fleet.agents.activation import CODE_HOURS
from fleet.agents.settings import AgentSettings
from fleet.enrolment.native import LOWEST_FIRMWARE
from fleet.managed_supplies.contact_file import MOST_CONTACTS
from fleet.notifications.history import KEPT
from fleet.notifications.mails import LINES
from fleet.notifications.policies import MOST_RECIPIENTS, MOST_TAGS
from fleet.printers.tags.by_file import LARGEST
from pressroom.agent.uploads import EVERY_SECONDS
from steps.printers.check_printer import FULL_SUPPORT
from steps.printers.panel_message import HOURS

MB = 1024 * 1024
AGENT = AgentSettings()
LIMITS = {
    "FL-581 a file that is deployed, and a settings bundle": ((FILE_LIMIT, BUNDLE_LIMIT), (50 * MB, 32 * MB)),
    "FL-582 a file by which printers are tagged": (LARGEST, 200 * 1024),
    "FL-583 contacts of one import": (MOST_CONTACTS, 300),
    "FL-584 hours of an activation code": (CODE_HOURS, 72),
    "FL-585 hours of a notification on the panel": (HOURS, 48),
    "FL-586 days a job waits, hours it is in progress": (
        (Settings.model_fields["fleet_pending_days"].default, Settings.model_fields["fleet_progress_hours"].default),
        (7, 24),
    ),
    "FL-587 history of notifications": (KEPT, timedelta(days=30)),
    "FL-588 tags and addresses of a policy": ((MOST_TAGS, MOST_RECIPIENTS), (10, 10)),
    "FL-589 printers in the text of a mail": (LINES, 15),
    "FL-594 a fleet agent's port and delay between probes": ((AGENT.http_port, AGENT.delay), (80, 250)),
    "FL-595 minutes between two polls of a local agent": (AGENT.polling_minutes, 180),
    "FL-597 seconds after which a fleet agent uploads in any case": (EVERY_SECONDS, 24 * 60 * 60),
    "FL-599 firmware with which a native agent enrols, and from which it can do everything": (
        (LOWEST_FIRMWARE, FULL_SUPPORT),
        ("075.001", "075.272"),
    ),
}


@pytest.mark.parametrize(("found", "expected"), LIMITS.values(), ids=LIMITS)
def test_a_limit_is_what_the_table_says(found: object, expected: object) -> None:
    """FL-581…FL-589, FL-594, FL-595, FL-597, FL-599."""
    assert found == expected
