"""`client.json`: how an agent of workstations is set up (section 36). Missing keys take their defaults (PR-316)."""

import json
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from connectors.errors import Fault
from connectors.messages import N_
from connectors.value_problems import value_problem

FILE_NAME = "client.json"
BAD_CONFIGURATION = Fault(
    "workstation.configuration",
    422,
    N_("The configuration {file} cannot be used: {problem}."),
    N_("Correct it; “printctl config show” tells what each setting is. A file that is missing means the defaults."),
    spec="PR-316",
)
Mode = Literal["cloud", "hybrid", "direct", "offline"]


def _network(text: str) -> str:
    return str(ip_network(text, strict=False))


Network = Annotated[str, AfterValidator(_network)]
Port = Annotated[int, Field(ge=1, le=65_535)]
QueueName = Annotated[str, StringConstraints(pattern=r"^[^\W_](?:[\w .-]*\w)?$", min_length=3, max_length=64)]
"""At least three characters, nothing special (PR-282, PR-284); direct queues have an address in their names."""


class _Group(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="allow", alias_generator=to_camel, validate_by_name=True, validate_by_alias=True
    )


class LoggerSettings(_Group):
    """What is logged."""

    logging_level: Literal["debug", "info", "warning", "error"] = "info"
    log_ip_addresses: bool = False
    redact_private_information: bool = True


class ServerSettings(_Group):
    """Where the portal is."""

    api_version: str = "1"
    portal_url: str = ""


class DirectQueue(_Group):
    """One printer that is printed to directly; the agent listens for it at the loopback port."""

    queue_name: QueueName
    ip_address: str
    loopback_port: Port = 9159
    loopback_port_name: str = ""


class DirectPrintSettings(_Group):
    """Direct queues; with `print_encrypted`, documents go to printers by IPPS alone."""

    print_settings: tuple[DirectQueue, ...] = ()
    print_encrypted: bool = False


class UiSettings(_Group):
    """How the person signs in, and what they are told."""

    authentication_mode: Literal["DefaultBrowser", "DeviceCode"] = "DefaultBrowser"
    display_notifications: bool = True
    display_connection_error_message_boxes: bool = True


class CertificateValidationSettings(_Group):
    """Certificates are always validated: that they are cannot be switched off, only whom to trust can be added.

    Printers are known by the certificate that they showed first, or by `printer_authority_file`, which may hold the
    authority's list of revoked certificates too: with a revocation mode of 1 or 2 it has to.
    """

    certificate_validation_switch: Literal[True] = True
    certificate_validation_debug_mode: bool = False
    certificate_revocation_mode: Literal[0, 1, 2] = 0
    authority_file: str = ""
    printer_authority_file: str = ""


class WebProxySettings(_Group):
    """The proxy for calls to the portal, as http://proxy:3128."""

    enabled: bool = False
    address: str = ""


class SubnetFilter(_Group):
    """Networks by CIDR."""

    include: tuple[Network, ...] = ()
    exclude: tuple[Network, ...] = ("169.254.0.0/16",)


class NetworkInterfaceSelectorSettings(_Group):
    """Which of its addresses the workstation tells printers (PR-314)."""

    prioritize_virtual_adapters: bool = False
    filter_auto_ip_addresses: bool = True
    subnet_filter: SubnetFilter = SubnetFilter()


class ScheduleSettings(_Group):
    """How often what is done."""

    ip_change_monitor_interval_in_seconds: float = Field(60, gt=0)
    proxy_cache_reset_interval_in_seconds: float = Field(60, gt=0)
    call_home_frequency_in_hours: float = Field(4, gt=0, le=168)


class ListenerPortSettings(_Group):
    """Where the agent listens: printers fetch hybrid jobs at the first; loopback printers are at the last (0: none)."""

    universal_service_port: int = Field(9443, ge=0, le=65_535)
    update_service_port: int = Field(3334, ge=0, le=65_535)
    loopback_port: int = Field(9150, ge=0, le=65_535)


class SpoolSettings(_Group):
    """A folder whose files go to the cloud queue, as a local queue writes them (PR-332)."""

    folder: str = ""
    look_every_seconds: float = Field(2, gt=0, le=3600)


class QueueNames(_Group):
    """What the queues of this workstation are called (PR-284)."""

    cloud: QueueName = "Cloud Print"
    hybrid: QueueName = "Hybrid Print"


class Configuration(_Group):
    """All of it. `modes` are those that the agent works in; of these, the person has what their roles allow."""

    modes: frozenset[Mode] = frozenset({"cloud"})
    logger_settings: LoggerSettings = LoggerSettings()
    server_settings: ServerSettings = ServerSettings()
    direct_print_settings: DirectPrintSettings = DirectPrintSettings()
    ui_settings: UiSettings = UiSettings()
    certificate_validation_settings: CertificateValidationSettings = CertificateValidationSettings()
    web_proxy_settings: WebProxySettings = WebProxySettings()
    network_interface_selector_settings: NetworkInterfaceSelectorSettings = NetworkInterfaceSelectorSettings()
    schedule_settings: ScheduleSettings = ScheduleSettings()
    listener_port_settings: ListenerPortSettings = ListenerPortSettings()
    spool_settings: SpoolSettings = SpoolSettings()
    queue_names: QueueNames = QueueNames()
    driver_name: str = "IPP Everywhere"
    default_queue_name: str = ""
    print_job_file_name_format: Annotated[str, StringConstraints(pattern=r"^[^/\\]*%i[^/\\]*$")] = "%d_%i.prn"
    user_folder_directory_mode: Literal["Programdata", "User"] = "User"

    def unknown_keys(self) -> list[str]:
        """Keys that mean nothing here, by their paths; each is worth a warning (PR-316)."""
        return sorted(_unknown(self, ""))

    def as_json(self) -> str:
        """The file, with all keys."""
        content = self.model_dump(mode="json", by_alias=True)
        content["modes"] = sorted(content["modes"])
        return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def read_configuration(file: Path) -> Configuration:
    """What the file says; the defaults where there is none. Raises `BAD_CONFIGURATION`."""
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return Configuration()
    except (OSError, ValueError) as error:
        raise BAD_CONFIGURATION(file=file, problem=str(error).rstrip(".")) from error
    return configuration_of(content, file)


def configuration_of(content: Any, file: Path) -> Configuration:
    """The configuration that was read from `file`; raises `BAD_CONFIGURATION`."""
    try:
        return Configuration.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BAD_CONFIGURATION(file=file, problem=f"{place}: {value_problem(first)}".rstrip(".")) from error


def configuration_schema() -> dict[str, Any]:
    """The JSON Schema of the file (PR-316)."""
    return Configuration.model_json_schema(by_alias=True)


def _unknown(group: BaseModel, place: str) -> Iterator[str]:
    for name in group.model_extra or {}:
        yield f"{place}{name}"
    for name in type(group).model_fields:
        value = getattr(group, name)
        path = f"{place}{to_camel(name)}"
        if isinstance(value, BaseModel):
            yield from _unknown(value, f"{path}.")
        elif isinstance(value, tuple):
            for number, one in enumerate(value):
                if isinstance(one, BaseModel):
                    yield from _unknown(one, f"{path}[{number}].")
