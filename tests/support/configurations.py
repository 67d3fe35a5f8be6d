"""Configurations and resources in the records, made by the same services that people use."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from domain.organizations.actor import Actor
from fleet.configurations.content import ConfigurationContent
from fleet.configurations.drafts import publish, save_draft
from fleet.configurations.service import create_configuration
from fleet.resources.service import add_resource
from printers_sim.packages import app_package


def add_file(actor: Actor, file_name: str, content: bytes, name: str = "") -> str:
    """A file in the resource library; returns its id."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(content)
        return add_resource(actor, name or file_name, "", path, file_name).id


def add_app(actor: Actor, app_id: str = "scan", version: str = "2.1", **values: Any) -> str:
    """An app in the library that declares the settings `auth_plugin` and `retries`; returns its id."""
    settings = {"auth_plugin": True, "retries": 3}
    content = app_package(app_id, app_id.title(), version, **({"min_framework": "4.0", "settings": settings} | values))
    return add_file(actor, f"{app_id}.fls", content, f"{app_id.title()} {version}")


def content_of(**values: Any) -> ConfigurationContent:
    """Content by plain values, as the API gets it."""
    return ConfigurationContent.model_validate(values)


def settings_of(**values: Any) -> ConfigurationContent:
    """Content with settings alone; two underscores stand for the dot in their names."""
    return content_of(settings=[{"name": name.replace("__", "."), "value": value} for name, value in values.items()])


def add_configuration(actor: Actor, name: str, content: ConfigurationContent, *, published: bool = True) -> str:
    """A configuration with that content, published unless it is to stay a draft; returns its id."""
    configuration_id = create_configuration(actor, name)
    save_draft(actor, configuration_id, content)
    if published:
        publish(actor, configuration_id, "")
    return configuration_id
