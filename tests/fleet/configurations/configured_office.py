"""Configurations made, deployed, checked and enforced on the printers of a simulated office."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from connectors.documents import open_store
from connectors.errors import PressroomError
from connectors.printers.files import FileKind
from connectors.settings import get_settings
from domain.tenancy import tenant_session
from fleet.configurations.content import ConfigurationContent
from fleet.configurations.deployment import assign_configuration
from fleet.resources.models import Resource
from printers_sim.packages import firmware_image
from tests.fleet.simulated_office import SimulatedOffice
from tests.support.configurations import add_configuration

DESK = {"type": "user_password", "name": "desk", "secret": "a desk secret", "groups": ["Staff"]}
LOGIN = {"public": {"copy": False}, "accounts": [DESK], "groups": [{"name": "Staff", "access": ["copy"]}]}
MODELS = ["PX C4150", "PX C3025", "PX M2250", "PX P1120"]


def code_of(action: Callable[..., Any], *values: Any, **more: Any) -> str:
    with pytest.raises(PressroomError) as refused:
        action(*values, **more)
    return refused.value.code


def firmware(office: SimulatedOffice, level: str, *models: str) -> str:
    """A firmware resource, as verifying it would have made it; returns its id."""
    content = firmware_image(level, models or MODELS)
    key = f"{office.home}/fleet/resources/{level}"
    stored = open_store(get_settings()).put(key, BytesIO(content), "application/octet-stream")
    resource = Resource(kind=FileKind.FIRMWARE, name=level, file_name=f"{level}.fls", object_key=key)
    resource.size, resource.sha256 = stored.size, stored.sha256
    resource.facts = {"level": level, "models": list(models or MODELS)}
    with tenant_session(office.home) as session:
        session.add(resource)
        session.flush()
        return resource.id


def assigned(office: SimulatedOffice, content: ConfigurationContent, *profiles: str) -> str:
    """A configuration of that content assigned to printers; returns its id."""
    configuration_id = add_configuration(office.administrator, "Offices", content)
    ids = [office.id_of(profile) for profile in profiles or ("color-mfp",)]
    assert assign_configuration(office.administrator, configuration_id, ids).assigned == len(ids)
    return configuration_id


def changes(office: SimulatedOffice, task_id: str) -> list[tuple[str, str, str, str]]:
    """The evidence of a job: component, item, before, after."""
    result = office.job(task_id).result or {}
    return [(one["component"], one["item"], one["before"], one["after"]) for one in result.get("changes", [])]
