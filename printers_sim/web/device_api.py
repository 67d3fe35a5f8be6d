"""The device management API, `/device/v1/` (docs/device-protocol.md, FL-579)."""

from dataclasses import asdict
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from printers_sim.device.account import new_account
from printers_sim.device.apps import (
    app_settings,
    change_app_settings,
    find_app,
    install_app,
    remove_app,
    start_app,
    stop_app,
)
from printers_sim.device.bundles import export_bundle, import_bundle
from printers_sim.device.catalogue import catalogue
from printers_sim.device.enrolment import is_iot_capable
from printers_sim.device.firmware import flash
from printers_sim.device.login import exported_login_methods, set_login_methods
from printers_sim.device.logs import log
from printers_sim.device.settings import (
    Outcome,
    all_settings,
    change_settings,
    read_settings_file,
    replace_settings,
    settings_file,
)
from printers_sim.device.speed import upgrade_speed
from printers_sim.device.state import EventKind, InstalledApp
from printers_sim.knobs import FailingStep
from printers_sim.printer import SimulatedPrinter
from printers_sim.web.requests import (
    APP_CONFIGURATION,
    FIRMWARE_UPDATES,
    json_object,
    managed_printer,
    number_member,
    remote_printer,
    text_member,
    timing_of,
)
from printers_sim.web.uploads import LARGEST_BUNDLE, LARGEST_FILE, LARGEST_FIRMWARE, uploaded


def identity_of(printer: SimulatedPrinter) -> dict[str, object]:
    """Who the printer is, as anybody may know."""
    profile, device = printer.profile, printer.device
    return {
        "manufacturer": profile.make,
        "model": printer.model,
        "serial_number": printer.serial,
        "host_name": printer.host_name,
        "mac": printer.mac.hex(":"),
        "address": printer.address,
        "firmware": printer.firmware,
        "framework": profile.framework or None,
        "speed_ppm": printer.speed,
        "color": profile.color,
        "duplex": profile.duplex,
        "iot_capable": is_iot_capable(printer),
        "agents": list(profile.agents),
        "printer_agent": device.printer_agent,
        "authentication_type": device.account.type,
        "unresolved_errors": printer.unresolved_errors,
        "busy": printer.is_busy,
        "restarted_at": _iso(device.restarted_at),
        "firmware_updates": device.firmware_updates,
        "enrolment": device.enrolment.state,
        "hard_disk": profile.hard_disk,
        "ocr_licence": profile.ocr_licence,
    }


async def identity(request: Request) -> JSONResponse:
    """GET identity: the only part that needs no credentials."""
    return JSONResponse(identity_of(managed_printer(request)))


async def settings(request: Request) -> JSONResponse:
    """GET, PATCH and PUT settings."""
    printer = remote_printer(request)
    if request.method == "GET":
        return JSONResponse(all_settings(printer))
    wanted = await json_object(request)
    printer.fail_if_asked(FailingStep.SETTINGS)
    change = replace_settings if request.method == "PUT" else change_settings
    return _outcome(change(printer, wanted))


async def settings_catalogue(request: Request) -> JSONResponse:
    """GET settings/catalogue: the tree with types, ranges and defaults."""
    printer = remote_printer(request)
    return JSONResponse([asdict(facts) for facts in catalogue(printer.profile).values()])


async def settings_files(request: Request) -> Response:
    """POST settings-files applies a flat settings file; GET gives the printer's own."""
    printer = remote_printer(request)
    if request.method == "GET":
        return Response(settings_file(printer), media_type="text/plain")
    async with uploaded(request, LARGEST_FILE) as path:
        wanted = read_settings_file(printer, path.read_text(encoding="utf-8", errors="replace"))
    printer.fail_if_asked(FailingStep.SETTINGS)
    return _outcome(change_settings(printer, wanted))


async def bundles(request: Request) -> JSONResponse:
    """POST bundles: import a settings bundle, or only check it (`?check=1`)."""
    printer = remote_printer(request)
    only_check = request.query_params.get("check") == "1"
    async with uploaded(request, LARGEST_BUNDLE) as path:
        with path.open("rb") as file:
            items = import_bundle(printer, file, only_check=only_check)
    return JSONResponse({"items": [asdict(item) for item in items]})


async def bundle(request: Request) -> Response:
    """GET bundle: export, without passwords."""
    return Response(export_bundle(remote_printer(request)), media_type="application/zip")


async def apps(request: Request) -> JSONResponse:
    """GET apps lists them, POST apps installs or updates one."""
    printer = remote_printer(request)
    if request.method == "GET":
        return JSONResponse([_app(app) for app in printer.device.apps.values()])
    remote_printer(request, APP_CONFIGURATION)
    async with uploaded(request, LARGEST_FILE) as path:
        with path.open("rb") as file:
            return JSONResponse(_app(install_app(printer, file)), 201)


async def app_start(request: Request) -> JSONResponse:
    """POST apps/{id}/start."""
    return JSONResponse(_app(start_app(remote_printer(request, APP_CONFIGURATION), request.path_params["app_id"])))


async def app_stop(request: Request) -> JSONResponse:
    """POST apps/{id}/stop."""
    return JSONResponse(_app(stop_app(remote_printer(request, APP_CONFIGURATION), request.path_params["app_id"])))


async def app(request: Request) -> Response:
    """DELETE apps/{id}."""
    remove_app(remote_printer(request, APP_CONFIGURATION), request.path_params["app_id"])
    return Response(status_code=204)


async def one_apps_settings(request: Request) -> JSONResponse:
    """GET and PUT apps/{id}/settings."""
    printer, app_id = remote_printer(request, APP_CONFIGURATION), request.path_params["app_id"]
    if request.method == "GET":
        return JSONResponse(app_settings(find_app(printer, app_id)))
    return _outcome(change_app_settings(printer, app_id, await json_object(request)))


async def login_methods(request: Request) -> Response:
    """GET and PUT login-methods."""
    printer = remote_printer(request)
    if request.method == "GET":
        return JSONResponse(exported_login_methods(printer))
    set_login_methods(printer, await json_object(request))
    return Response(status_code=204)


async def firmware(request: Request) -> JSONResponse:
    """POST firmware: the printer restarts with the new level."""
    printer = remote_printer(request, FIRMWARE_UPDATES)
    async with uploaded(request, LARGEST_FIRMWARE) as path:
        done = flash(printer, path, timing_of(request).restart)
    return JSONResponse(asdict(done), 202)


async def restart(request: Request) -> JSONResponse:
    """POST restart."""
    printer, seconds = remote_printer(request), timing_of(request).restart
    printer.fail_if_asked(FailingStep.RESTART)
    printer.device.note(EventKind.HISTORY, "Restarted on request")
    printer.restart(seconds)
    return JSONResponse({"restarting_seconds": seconds}, 202)


async def logs(request: Request) -> Response:
    """GET logs/{kind}."""
    printer, kind = remote_printer(request), request.path_params["kind"]
    printer.fail_if_asked(FailingStep.LOGS)
    return Response(log(printer, kind), media_type="application/gzip" if kind == "gzip" else "text/plain")


async def speed_upgrade(request: Request) -> JSONResponse:
    """POST speed-upgrade."""
    printer, content = remote_printer(request), await json_object(request)
    slower, faster = (int(number_member(content, name)) for name in ("from", "to"))
    upgrade_speed(printer, text_member(content, "code"), slower, faster)
    return JSONResponse({"model": printer.model, "speed_ppm": printer.speed})


async def credentials(request: Request) -> Response:
    """POST credentials: change the administrator account."""
    printer, content = remote_printer(request), await json_object(request)
    kind = text_member(content, "authentication_type")
    account = new_account(kind, text_member(content, "user_name", ""), text_member(content, "password", ""))
    printer.fail_if_asked(FailingStep.CREDENTIALS)
    printer.device.account = account
    printer.device.note(EventKind.SECURITY, "Administrator account changed")
    printer.changes += 1
    return Response(status_code=204)


def _outcome(outcome: Outcome) -> JSONResponse:
    return JSONResponse(asdict(outcome))


def _app(app: InstalledApp) -> dict[str, object]:
    state = "started" if app.is_started else "stopped"
    return {"id": app.id, "name": app.name, "version": app.version, "state": state, "built_in": app.built_in}


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")


ROUTES = [
    Route("/identity", identity),
    Route("/settings", settings, methods=["GET", "PATCH", "PUT"]),
    Route("/settings/catalogue", settings_catalogue),
    Route("/settings-files", settings_files, methods=["GET", "POST"]),
    Route("/bundles", bundles, methods=["POST"]),
    Route("/bundle", bundle),
    Route("/apps", apps, methods=["GET", "POST"]),
    Route("/apps/{app_id}", app, methods=["DELETE"]),
    Route("/apps/{app_id}/start", app_start, methods=["POST"]),
    Route("/apps/{app_id}/stop", app_stop, methods=["POST"]),
    Route("/apps/{app_id}/settings", one_apps_settings, methods=["GET", "PUT"]),
    Route("/login-methods", login_methods, methods=["GET", "PUT"]),
    Route("/firmware", firmware, methods=["POST"]),
    Route("/restart", restart, methods=["POST"]),
    Route("/logs/{kind}", logs),
    Route("/speed-upgrade", speed_upgrade, methods=["POST"]),
    Route("/credentials", credentials, methods=["POST"]),
]
