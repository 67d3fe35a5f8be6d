"""What the device management API of a printer answers, as docs/device-protocol.md tells it; names are the API's own."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, StrictBool, StrictInt, StrictStr

SettingValue = StrictBool | StrictInt | StrictStr
Layout = list[list[str]]
"""The pages of a home screen, each a list of item ids; `blank` is an empty place (FL-296)."""
BLANK = "blank"


class Answer(BaseModel):
    """Fields that this version does not know are passed over: newer printers may say more."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class DeviceIdentity(Answer):
    """Who the printer is. `firmware_updates` counts the images that it took in its life.

    `hard_disk` and `ocr_licence` are None where it does not tell what it is equipped with.
    """

    manufacturer: str
    model: str
    serial_number: str
    host_name: str = ""
    mac: str = ""
    firmware: str
    framework: str | None = None
    speed_ppm: int | None = None
    color: bool | None = None
    iot_capable: bool = False
    agents: list[str] = []
    printer_agent: str | None = None
    authentication_type: str = "none"
    unresolved_errors: list[str] = []
    busy: bool = False
    restarted_at: datetime
    firmware_updates: int = 0
    enrolment: str = "none"
    hard_disk: bool | None = None
    ocr_licence: bool | None = None


class DeviceApp(Answer):
    """A panel app; `state` is "started" or "stopped"."""

    id: str
    name: str
    version: str
    state: str
    built_in: bool = False

    @property
    def is_started(self) -> bool:
        return self.state == "started"


class SettingsOutcome(Answer):
    """What became of each setting by name; `refused` says why."""

    applied: dict[str, SettingValue] = {}
    refused: dict[str, str] = {}


class SettingFacts(Answer):
    """A setting in the printer's catalogue. `low` and `high` bound numbers, `high` the length of texts."""

    name: str
    label: str
    path: list[str] = []
    type: str
    default: SettingValue | None = None
    low: int | None = None
    high: int | None = None
    choices: list[str] = []
    unit: str = ""
    needs: str = ""


class BundleItem(Answer):
    """What became, or would become, of one part of a settings bundle; `state` is "applied" or "refused"."""

    item: str
    kind: str
    state: str
    reason: str = ""

    @property
    def is_applied(self) -> bool:
        return self.state == "applied"


class Flash(Answer):
    """A firmware image was taken: the printer restarts. A downgrade removes apps."""

    level: str
    former_level: str
    restarting_seconds: float = 0
    removed_apps: list[str] = []


class PanelMessage(Answer):
    """What the portal shows on the panel; None without a message."""

    text: str | None = None
    expires: datetime | None = None


class OfferedItem(Answer):
    """What may be put on the home screen."""

    id: str
    name: str


class HomeScreen(Answer):
    """The layout now, how many items a page takes (FL-301), and what there is to choose from."""

    pages: Layout
    items_per_page: int
    is_default: bool = True
    offered: list[OfferedItem] = []


class Speed(Answer):
    """The model and the speed after an upgrade (FL-410)."""

    model: str
    speed_ppm: int


class EnrolmentMark(Answer):
    """The code that a printer has made, for the portal."""

    code: str


class Enrolment(Answer):
    """How far enrolment through the native agent has come (FL-146…FL-154)."""

    communication: bool = False
    state: str = "none"
    server: str | None = None
    organization_code: str | None = None
    printer_code: str | None = None
    code_expires: datetime | None = None
