"""A printer of the system's own brand, managed through its device management API (docs/device-protocol.md, FL-579)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from pydantic import TypeAdapter, ValidationError

from connectors.printers.device_answers import (
    BundleItem,
    DeviceApp,
    DeviceIdentity,
    Enrolment,
    EnrolmentMark,
    Flash,
    HomeScreen,
    Layout,
    PanelMessage,
    SettingFacts,
    SettingsOutcome,
    SettingValue,
    Speed,
)
from connectors.printers.device_connection import BAD_ANSWER, DeviceConnection

Parsed = TypeVar("Parsed")

_SETTINGS: TypeAdapter[dict[str, SettingValue]] = TypeAdapter(dict[str, SettingValue])
_CATALOGUE: TypeAdapter[list[SettingFacts]] = TypeAdapter(list[SettingFacts])
_APPS: TypeAdapter[list[DeviceApp]] = TypeAdapter(list[DeviceApp])


class Device(DeviceConnection):
    """One printer; use it in an `async with` block. What can go wrong stands at `DeviceConnection`."""

    async def identity(self) -> DeviceIdentity:
        """Who the printer is; needs no credentials."""
        return await self._get(DeviceIdentity, "GET", "identity")

    # --- settings

    async def settings(self) -> Mapping[str, SettingValue]:
        """All settings by name; passwords are left out."""
        return self._read(_SETTINGS, await self.ask("GET", "settings"))

    async def settings_catalogue(self) -> list[SettingFacts]:
        """Every setting that the printer has, in its tree."""
        return self._read(_CATALOGUE, await self.ask("GET", "settings/catalogue"))

    async def change_settings(self, values: Mapping[str, SettingValue]) -> SettingsOutcome:
        """Set what is named; the rest stays."""
        return await self._get(SettingsOutcome, "PATCH", "settings", dict(values))

    async def replace_settings(self, values: Mapping[str, SettingValue]) -> SettingsOutcome:
        """Set what is named; everything else returns to its default."""
        return await self._get(SettingsOutcome, "PUT", "settings", dict(values))

    async def apply_settings_file(self, file: Path, sha256: str = "") -> SettingsOutcome:
        """Apply a flat settings file (`.ucf`)."""
        return self._model(SettingsOutcome, await self.send_file("settings-files", file, sha256))

    async def export_settings_file(self, target: Path) -> None:
        """Write all settings as a flat file, without passwords (FL-276)."""
        await self.save_file("settings-files", target)

    async def import_bundle(self, file: Path, sha256: str = "", *, only_check: bool = False) -> list[BundleItem]:
        """Import a settings bundle, or only say what would happen."""
        answer = await self.send_file("bundles?check=1" if only_check else "bundles", file, sha256)
        items = answer.get("items") if isinstance(answer, dict) else None
        return self._read(TypeAdapter(list[BundleItem]), items)

    async def export_bundle(self, target: Path) -> None:
        """Write settings and login methods as a bundle, without passwords."""
        await self.save_file("bundle", target)

    # --- apps

    async def apps(self) -> list[DeviceApp]:
        """The panel apps that are installed."""
        return self._read(_APPS, await self.ask("GET", "apps"))

    async def install_app(self, package: Path, sha256: str = "") -> DeviceApp:
        """Install a package (`.fls`), or another version of an app."""
        return self._model(DeviceApp, await self.send_file("apps", package, sha256))

    async def start_app(self, app_id: str) -> DeviceApp:
        """Start a stopped app (FL-279)."""
        return await self._get(DeviceApp, "POST", f"{_app(app_id)}/start")

    async def stop_app(self, app_id: str) -> DeviceApp:
        """Stop a started app (FL-279)."""
        return await self._get(DeviceApp, "POST", f"{_app(app_id)}/stop")

    async def uninstall_app(self, app_id: str) -> None:
        """Remove an app; built-in ones and the printer agent are kept (FL-280)."""
        await self.ask("DELETE", _app(app_id))

    async def app_settings(self, app_id: str) -> Mapping[str, SettingValue]:
        """The settings of an app by name."""
        return self._read(_SETTINGS, await self.ask("GET", f"{_app(app_id)}/settings"))

    async def change_app_settings(self, app_id: str, values: Mapping[str, SettingValue]) -> SettingsOutcome:
        """Set what is named; the rest stays."""
        return await self._get(SettingsOutcome, "PUT", f"{_app(app_id)}/settings", dict(values))

    # --- signing in at the panel

    async def login_methods(self) -> dict[str, Any]:
        """Login methods in the API's own form, without passwords and PINs."""
        return self._read(TypeAdapter(dict[str, Any]), await self.ask("GET", "login-methods"))

    async def set_login_methods(self, methods: Mapping[str, Any]) -> None:
        """Replace them all (framework 5.0 or later, FL-602)."""
        await self.ask("PUT", "login-methods", dict(methods))

    # --- firmware, restart, speed

    async def install_firmware(self, image: Path, sha256: str = "") -> Flash:
        """Send a firmware image: when this returns, the printer restarts with it."""
        return self._model(Flash, await self.send_file("firmware", image, sha256))

    async def restart(self) -> float:
        """Restart; returns for how many seconds it expects to be away."""
        answer = await self.ask("POST", "restart")
        return float(answer.get("restarting_seconds", 0)) if isinstance(answer, dict) else 0.0

    async def upgrade_speed(self, code: str, slower: int, faster: int) -> Speed:
        """Deploy a licence code that makes the printer faster, in pages per minute (FL-408)."""
        return await self._get(Speed, "POST", "speed-upgrade", {"code": code, "from": slower, "to": faster})

    # --- panel

    async def panel_message(self) -> PanelMessage:
        """The message that the portal shows now."""
        return await self._get(PanelMessage, "GET", "panel-message")

    async def show_message(self, text: str, hours: float) -> PanelMessage:
        """Show a message in place of the former one, for 48 hours at most (FL-251)."""
        return await self._get(PanelMessage, "PUT", "panel-message", {"text": text, "hours": hours})

    async def clear_message(self) -> None:
        """Take the portal's message away (FL-254)."""
        await self.ask("DELETE", "panel-message")

    async def home_screen(self) -> HomeScreen:
        """The layout now and what may be put there."""
        return await self._get(HomeScreen, "GET", "home-screen")

    async def set_home_screen(self, pages: Layout) -> HomeScreen:
        """Change the layout; what does not fit flows to the next page (FL-301)."""
        return await self._get(HomeScreen, "PUT", "home-screen", {"pages": pages})

    async def reset_home_screen(self) -> HomeScreen:
        """Back to the model's layout (FL-299)."""
        return await self._get(HomeScreen, "DELETE", "home-screen")

    # --- logs, account, enrolment

    async def save_log(self, kind: str, target: Path) -> str:
        """Write a log (FL-227…FL-233) to `target`; returns its media type."""
        return await self.save_file(f"logs/{quote(kind, safe='')}", target)

    async def change_credentials(self, authentication_type: str, user: str, secret: str) -> None:
        """Replace the administrator account. This connection still signs in with the former one."""
        content = {"authentication_type": authentication_type, "user_name": user, "password": secret}
        await self.ask("POST", "credentials", content)

    async def enrolment(self) -> Enrolment:
        """How far enrolment through the native agent has come."""
        return await self._get(Enrolment, "GET", "enrolment")

    async def change_enrolment(self, **values: str | bool) -> Enrolment:
        """`communication`, `code` with `server`, or `state="enrolled"`."""
        return await self._get(Enrolment, "PUT", "enrolment", values)

    async def enrolment_code(self, server: str, agent: str = "") -> str:
        """The printer's own code, to be typed in the portal at `server` (FL-151); `agent` native, or printer."""
        asked = urlencode({"server": server, "agent": "printer"} if agent == "printer" else {"server": server})
        return (await self._get(EnrolmentMark, "GET", f"enrolment-code?{asked}")).code

    async def leave_enrolment(self) -> None:
        """Back to not enrolled."""
        await self.ask("DELETE", "enrolment")

    async def _get(self, model: type[Parsed], method: str, path: str, content: Any = None) -> Parsed:
        return self._model(model, await self.ask(method, path, content))

    def _model(self, model: type[Parsed], answer: Any) -> Parsed:
        return self._read(TypeAdapter(model), answer)

    def _read(self, adapter: TypeAdapter[Parsed], answer: Any) -> Parsed:
        try:
            return adapter.validate_python(answer)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "the answer"
            raise BAD_ANSWER(address=self.address.host, reason=f"{place}: {first['msg']}") from error


def _app(app_id: str) -> str:
    return f"apps/{quote(app_id, safe='')}"
