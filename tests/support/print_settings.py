"""Settings for printing, put straight into the records."""

from collections.abc import Mapping
from typing import Any

from domain.organizations.actor import Actor
from domain.printing.models import PrintSettingsRow
from domain.printing.settings import PrintSettings


def set_print_settings(actor: Actor, **sections: Mapping[str, Any]) -> None:
    """Exactly these settings for the actor's organization; the rest as in a new one."""
    values = PrintSettings.model_validate(sections).model_dump(mode="json")
    with actor.session() as session:
        row = session.get(PrintSettingsRow, actor.organization_id)
        if row is None:
            session.add(PrintSettingsRow(values=values))
        else:
            row.values, row.version = values, row.version + 1
