"""What the forms of the printer's web pages do; the same as the management API does."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from printers_sim.device.account import new_account
from printers_sim.device.apps import install_app, remove_app, start_app, stop_app
from printers_sim.device.bundles import Item, import_bundle
from printers_sim.device.catalogue import Kind, catalogue
from printers_sim.device.enrolment import enter_code, issue_code, leave, require_capable
from printers_sim.device.firmware import flash
from printers_sim.device.phones import let_phones
from printers_sim.device.refusal import Refusal
from printers_sim.device.settings import COMMUNICATION, Outcome, change_settings, read_settings_file
from printers_sim.device.state import EventKind
from printers_sim.knobs import FailingStep
from printers_sim.web.pages import agent_page, done, page, readable, settings_page
from printers_sim.web.requests import administered_printer, timing_of
from printers_sim.web.uploads import LARGEST_BUNDLE, LARGEST_FILE, LARGEST_FIRMWARE, too_large


@readable
async def save_settings(request: Request) -> Response:
    """Change the settings of a category; passwords that are left empty stay."""
    printer = administered_printer(request)
    form = await request.form()
    known = catalogue(printer.profile)
    given = {name: text for name, text in form.items() if isinstance(text, str) and name in known}
    wanted = {
        name: known[name].parsed(text) for name, text in given.items() if text or known[name].type is not Kind.PASSWORD
    }
    printer.fail_if_asked(FailingStep.SETTINGS)
    outcome = change_settings(printer, wanted)
    problem = "; ".join(f"{known[name].label}: {reason}" for name, reason in outcome.refused.items())
    return settings_page(request, printer, _text(form, "category"), problem=problem, done="" if problem else "Saved.")


@readable
async def import_settings(request: Request) -> Response:
    """Import a bundle or a settings file, told apart by the name."""
    printer = administered_printer(request)
    async with _file(request, LARGEST_BUNDLE) as (path, name):
        if name.endswith(".ucf"):
            wanted = read_settings_file(printer, path.read_text(encoding="utf-8", errors="replace"))
            printer.fail_if_asked(FailingStep.SETTINGS)
            items = _items(change_settings(printer, wanted))
        else:
            with path.open("rb") as file:
                items = import_bundle(printer, file, only_check=False)
    return settings_page(request, printer, "", items=items, done="Imported.")


@readable
async def turn_app(request: Request) -> Response:
    """Start, stop or uninstall an app."""
    printer = administered_printer(request)
    form = await request.form()
    app_id, what = _text(form, "app"), _text(form, "what")
    turns = {"start": start_app, "stop": stop_app, "uninstall": remove_app}
    if what not in turns:
        raise Refusal(422, "invalid_value", "Apps can be started, stopped and uninstalled.")
    turns[what](printer, app_id)
    return done("/apps", "Done.")


@readable
async def install(request: Request) -> Response:
    """Install an app."""
    printer = administered_printer(request)
    async with _file(request, LARGEST_FILE) as (path, _):
        with path.open("rb") as file:
            app = install_app(printer, file)
    return done("/apps", f"{app.name} {app.version} is installed.")


@readable
async def update_firmware(request: Request) -> Response:
    """Take a firmware image; the page comes before the printer goes."""
    printer = administered_printer(request)
    async with _file(request, LARGEST_FIRMWARE) as (path, _):
        accepted = flash(printer, path, timing_of(request).restart)
    text = f"Firmware {accepted.level} was taken. The printer restarts."
    return page(request, "base.html", "Firmware", 202, done=text)


@readable
async def restart(request: Request) -> Response:
    """Restart the printer."""
    printer = administered_printer(request)
    printer.fail_if_asked(FailingStep.RESTART)
    printer.device.note(EventKind.HISTORY, "Restarted at the web page")
    printer.restart(timing_of(request).restart)
    return page(request, "base.html", "Firmware", 202, done="The printer restarts.")


@readable
async def change_credentials(request: Request) -> Response:
    """Change the administrator account."""
    printer = administered_printer(request)
    form = await request.form()
    account = new_account(*(_text(form, name) for name in ("authentication_type", "user_name", "password")))
    printer.fail_if_asked(FailingStep.CREDENTIALS)
    printer.device.account = account
    printer.device.note(EventKind.SECURITY, "Administrator account changed")
    printer.changes += 1
    return done("/apps/printer-agent", "The account was changed.")


@readable
async def use_agent(request: Request) -> Response:
    """Have the agent poll, test its connection, or sign in otherwise (FL-102, FL-103)."""
    printer = administered_printer(request)
    if printer.agent is None:
        raise Refusal(409, "not_enrolled", "The enrolment is not complete: enrol the printer under Cloud services.")
    form = await request.form()
    match _text(form, "what"):
        case "poll":
            await printer.agent.poll_now()
            return done("/apps/printer-agent", "The agent looks for requests.")
        case "test":
            return agent_page(request, printer, checks=await printer.agent.check())
        case "credentials":
            given = [_text(form, name) for name in ("authentication_type", "user_name", "password")]
            new_account(*given)  # is it an account at all?
            problem = await printer.agent.use_credentials(*given)
            done_text = "" if problem else "The agent signs in with these credentials."
            return agent_page(request, printer, problem=problem, done=done_text)
    raise Refusal(422, "invalid_value", "There is nothing like that to do here.")


@readable
async def change_enrolment(request: Request) -> Response:
    """Turn communication on or off, enrol with a code, get a code, leave; let phones in (MOB-3)."""
    printer = administered_printer(request)
    require_capable(printer)
    form = await request.form()
    match _text(form, "what"):
        case "on" | "off" as switch:
            change_settings(printer, {COMMUNICATION: switch == "on"})
        case "enrol":
            enter_code(printer, _text(form, "code"), _text(form, "server"))
        case "code":
            issue_code(printer, _text(form, "server"))
        case "leave":
            leave(printer)
        case "phones":
            let_phones(printer, is_on=_text(form, "phones") == "on")
        case _:
            raise Refusal(422, "invalid_value", "There is nothing like that to do here.")
    return done("/cloud", "Done.")


@asynccontextmanager
async def _file(request: Request, largest: int) -> AsyncIterator[tuple[Path, str]]:
    """The uploaded file, and its name in small letters."""
    if int(request.headers.get("content-length", "0")) > largest + (1 << 20):
        raise too_large(largest)
    async with request.form() as form:
        upload = form.get("file")
        if not isinstance(upload, UploadFile):
            raise Refusal(422, "invalid_file", "Choose a file.")
        with TemporaryDirectory(prefix="pressroom-sim-") as folder:
            path = Path(folder) / "upload"
            with path.open("wb") as target:
                shutil.copyfileobj(upload.file, target)
            if path.stat().st_size > largest:
                raise too_large(largest)
            yield path, (upload.filename or "").lower()


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _items(outcome: Outcome) -> list[Item]:
    applied = [Item(name, "setting", "applied") for name in outcome.applied]
    return applied + [Item(name, "setting", "refused", reason) for name, reason in outcome.refused.items()]


ROUTES = [
    Route("/settings", save_settings, methods=["POST"]),
    Route("/settings/import", import_settings, methods=["POST"]),
    Route("/apps", turn_app, methods=["POST"]),
    Route("/apps/install", install, methods=["POST"]),
    Route("/firmware", update_firmware, methods=["POST"]),
    Route("/restart", restart, methods=["POST"]),
    Route("/credentials", change_credentials, methods=["POST"]),
    Route("/apps/printer-agent", use_agent, methods=["POST"]),
    Route("/cloud", change_enrolment, methods=["POST"]),
]
