"""`printctl`: the command line and agent of a workstation (section 39); `pressroom print` is its submission alone."""

import asyncio
import json
import signal
import sys
import webbrowser
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from pressroom.workstation import VERSION, job_commands
from pressroom.workstation.cloud import Cloud
from pressroom.workstation.command_line import (
    NOT_DONE,
    AsJson,
    Folder,
    Place,
    console,
    explained,
    place_of,
    problems,
    with_portal,
)
from pressroom.workstation.direct_commands import direct_app, offline_app
from pressroom.workstation.printer_commands import printers

app = typer.Typer(no_args_is_help=True, pretty_exceptions_show_locals=False, help="Print from this workstation.")
config_app = typer.Typer(no_args_is_help=True, help="The configuration, client.json.")
delegates_app = typer.Typer(no_args_is_help=True, help="Who may release one's jobs.")
update_app = typer.Typer(no_args_is_help=True, help="Versions.")
app.add_typer(config_app, name="config")
app.add_typer(delegates_app, name="delegates")
app.add_typer(update_app, name="update")
app.add_typer(direct_app, name="direct")
app.add_typer(offline_app, name="offline")
SYSTEM_PYTHON = Path("/usr/bin/python3")
"""CUPS runs backends as a user of its own, who may not enter the folders of this program."""
app.command("submit")(job_commands.submit_files)
app.command("queue")(job_commands.queue_list)
app.command("show")(job_commands.show_job)
app.command("set")(job_commands.set_job)
app.command("rm")(job_commands.remove_jobs)
app.command("defaults")(job_commands.defaults)
app.command("printers")(printers)


@app.command()
def login(
    portal: Annotated[str, typer.Argument(help="Address of the portal, as https://portal.example.com.")] = "",
    browser: Annotated[bool, typer.Option(help="Open the page in the browser of this computer.")] = True,
    folder: Folder = None,
) -> None:
    """Sign in by saying yes in a browser, here or on another device."""
    from pressroom.workstation.signing_in import Question, sign_in

    with explained():
        place = place_of(folder)

        def show(question: Question) -> None:
            problems.print(f"Open {question.page} and type the code [bold]{question.code}[/]")
            if browser and place.configuration.ui_settings.authentication_mode == "DefaultBrowser":
                webbrowser.open(question.address)

        identity = asyncio.run(sign_in(place.folder, place.configuration, portal, show))
    console.print(f"Signed in as {identity.email} until {identity.expires[:10]}.")


@app.command()
def logout(folder: Folder = None) -> None:
    """Sign out: the token is revoked, and documents that wait on this workstation are deleted."""
    from pressroom.workstation.signing_in import sign_out

    with explained():
        place = place_of(folder)
        told = asyncio.run(sign_out(place.folder, place.configuration))
    console.print("Signed out.")
    if not told:
        problems.print("The portal could not be reached: revoke the token there, on the page “My account”.")


@app.command()
def agent(
    mode: Annotated[
        list[str] | None, typer.Option(help="cloud, hybrid, direct or offline; else as the configuration says.")
    ] = None,
    folder: Folder = None,
) -> None:
    """Work until Ctrl+C or SIGTERM: check in, and do what the modes are for."""
    from pressroom.workstation.starting import follow_versions
    from pressroom.workstation.updating import chosen_version

    with explained():
        place = place_of(folder)
        if mode:
            place = Place(place.folder, place.folder.with_modes(mode))
        if chosen_version(place.folder.path) or _work(place):
            follow_versions(place.folder)
    console.print("The agent has stopped.")


@app.command(hidden=True)
def work(folder: Folder = None) -> None:
    """What `pressroom.agent.launcher` starts: the agent in this version, which ends with it."""
    from pressroom.agent.launcher import START_AGAIN
    from pressroom.workstation.starting import end_with_launcher

    end_with_launcher()
    with explained():
        starts_again = _work(place_of(folder))
    raise typer.Exit(START_AGAIN if starts_again else 0)


@app.command()
def status(as_json: AsJson = False, folder: Folder = None) -> None:
    """Whether the agent runs, who is signed in, and whether the portal can be reached."""
    with explained():
        place = place_of(folder)
        runs = place.folder.is_held()
        known = place.folder.status()
        state = known.get("state", "stopped") if runs else "stopped"
        who = place.folder.identity() if place.folder.signed_in_at() else None
    facts: dict[str, Any] = {
        "agent": state,
        "portal": who.portal if who else "",
        "signed_in": who.email if who else "",
        "expires": who.expires[:10] if who else "",
        "last_contact": known.get("contact", ""),
        "modules": known.get("modules", []) if runs else [],
        "problem": known.get("problem", "") if runs else "",
        "notes": {name: note for name, note in known.get("notes", {}).items() if note} if runs else {},
        "version": VERSION,
    }
    if as_json:
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    for name, value in facts.items():
        shown = ", ".join(map(str, value)) if isinstance(value, list) else value
        if shown:
            console.print(f"{name:14}{escape(str(shown))}")


@app.command()
def doctor(as_json: AsJson = False, folder: Folder = None) -> None:
    """Look for what keeps this workstation from printing, and say the remedy."""
    from pressroom.workstation.doctor import examine
    from pressroom.workstation.folder import WorkstationFolder, usual_folder

    with explained():
        findings = asyncio.run(examine(WorkstationFolder(folder or usual_folder())))
    if as_json:
        typer.echo(json.dumps([one.as_json() for one in findings], indent=2, ensure_ascii=False))
    else:
        table = Table("", "Part", "Finding", "Remedy")
        for one in findings:
            sign = "[green]✓[/]" if one.ok else "[red]✗[/]"
            table.add_row(sign, one.part, escape(one.text), escape(one.remedy))
        console.print(table)
    if not all(one.ok for one in findings):
        raise typer.Exit(NOT_DONE)


@app.command()
def watch(
    spool: Annotated[Path, typer.Argument(help="Folder whose documents are sent.", file_okay=False)],
    once: Annotated[bool, typer.Option(help="Send what is there now, and end.")] = False,
    folder: Folder = None,
) -> None:
    """Send every document that is put into a folder to one's print queue."""
    from pressroom.workstation.spool_folder import watch_folder

    async def work(place: Place, cloud: Cloud) -> int:
        return await watch_folder(place.folder, place.configuration, cloud, spool, once=once)

    if with_portal(folder, work):
        raise typer.Exit(NOT_DONE)


@app.command("cups-backend")
def cups_backend(
    target: Annotated[Path, typer.Argument(help="Where to, as /usr/lib/cups/backend/pressroom-spool.", dir_okay=False)],
) -> None:
    """Write the backend by which a queue of CUPS fills the spool folder; takes the rights to write there."""
    from pressroom.workstation import cups_backend as backend

    source = Path(backend.__file__).read_text(encoding="utf-8")
    python = SYSTEM_PYTHON if SYSTEM_PYTHON.exists() else Path(sys.executable).resolve()
    target.write_text(f"#!{python} -I\n{source}", encoding="utf-8")
    target.chmod(0o755)
    console.print(f"Wrote {escape(str(target))}.")


@app.command()
def history(as_json: AsJson = False, folder: Folder = None) -> None:
    """What one has printed lately."""
    page = _read(folder, "/api/v1/print-jobs/history")
    if as_json:
        typer.echo(json.dumps(page["items"], indent=2, ensure_ascii=False))
        return
    table = Table("Released", "Name", "Pages", "Copies", "Printer")
    for one in page["items"]:
        when = one["released"][:16].replace("T", " ")
        table.add_row(when, escape(one["job_name"]), str(one["pages"]), str(one["copies"]), escape(one["printer_name"]))
    console.print(table)


@app.command()
def quota(folder: Folder = None) -> None:
    """What is left of one's print quota, as JSON."""
    typer.echo(json.dumps(_read(folder, "/api/v1/print-quotas/mine"), indent=2, ensure_ascii=False))


@app.command()
def version(
    loaded: Annotated[bool, typer.Option(hidden=True, help="See that all of the program can be loaded.")] = False,
) -> None:
    """The version of this program."""
    if loaded:
        from pressroom.workstation.modules import modules

        modules()
    typer.echo(VERSION)


@config_app.command("show")
def config_show(
    schema: Annotated[bool, typer.Option(help="The JSON Schema of the file instead.")] = False, folder: Folder = None
) -> None:
    """The configuration as it counts, defaults and all."""
    from pressroom.workstation.configuration import configuration_schema

    if schema:
        typer.echo(json.dumps(configuration_schema(), indent=2, ensure_ascii=False))
        return
    with explained():
        typer.echo(place_of(folder).configuration.as_json(), nl=False)


@config_app.command("convert")
def config_convert(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A configuration of a former client.")],
) -> None:
    """A former configuration, XML or JSON, as a client.json on standard output."""
    from pressroom.workstation.conversion import convert

    with explained():
        configuration, unknown = convert(file)
    for key in unknown:
        problems.print(f"[yellow]{escape(key)} means nothing here and was left out.[/]")
    typer.echo(configuration.as_json(), nl=False)


@delegates_app.command("list")
def delegates_list(folder: Folder = None) -> None:
    """Who may release one's jobs, as JSON."""
    typer.echo(json.dumps(_read(folder, "/api/v1/print-delegates"), indent=2, ensure_ascii=False))


@delegates_app.command("add")
def delegates_add(
    email: Annotated[str, typer.Argument(help="Who may.")],
    days: Annotated[int | None, typer.Option(min=1, help="For so many days; else until it is taken back.")] = None,
    folder: Folder = None,
) -> None:
    """Let somebody release one's jobs."""

    async def work(_place: Place, cloud: Cloud) -> None:
        await cloud.json("POST", "/api/v1/print-delegates", json={"email": email, "days": days})

    with_portal(folder, work)


@delegates_app.command("rm")
def delegates_remove(email: Annotated[str, typer.Argument(help="Who may no longer.")], folder: Folder = None) -> None:
    """Take it back."""

    async def work(_place: Place, cloud: Cloud) -> int:
        found = await cloud.json("GET", "/api/v1/print-delegates")
        ids = [one["id"] for one in found if one["email"].casefold() == email.casefold()]
        for one in ids:
            await cloud.json("DELETE", f"/api/v1/print-delegates/{one}")
        return len(ids)

    if not with_portal(folder, work):
        problems.print(f"{escape(email)} is no delegate.")
        raise typer.Exit(NOT_DONE)


@update_app.command("check")
def update_check(folder: Folder = None) -> None:
    """Fetch the settings anew, and say whether there is a newer version, and when it is installed (PR-303)."""
    from pressroom.workstation.starting import update_words
    from pressroom.workstation.updating import planned

    async def work(place: Place, cloud: Cloud) -> dict[str, Any]:
        from pressroom.workstation.host import host_facts
        from pressroom.workstation.loopback.queues import kept_queues
        from pressroom.workstation.program import keep_told

        facts = host_facts(place.configuration.network_interface_selector_settings)
        queues = [queue.name for queue in kept_queues(place.folder, place.configuration).values()]
        told = await cloud.check_in(place.folder.workstation_key(), facts, queues)
        keep_told(place.folder, cloud, told)
        return {**told.answer, "plan": planned(place.folder, told.answer)}

    told = with_portal(folder, work)
    console.print(f"This is version {VERSION}. The settings are those of version {told['settings_version']}.")
    console.print(update_words(told["update"], told["plan"]))


def _read(folder: Path | None, path: str) -> Any:
    async def work(_place: Place, cloud: Cloud) -> Any:
        return await cloud.json("GET", path)

    return with_portal(folder, work)


def _work(place: Place) -> bool:
    """Be the agent until stopped; whether another version of it is to be started."""
    from pressroom.workstation.log import keep_log
    from pressroom.workstation.modules import modules
    from pressroom.workstation.program import WorkstationProgram

    keep_log(place.configuration.logger_settings, place.folder.path)
    with place.folder.held():
        program = WorkstationProgram(place.folder, modules())
        asyncio.run(_until_stopped(program))
    return program.starts_again


async def _until_stopped(program: Any) -> None:
    work = asyncio.ensure_future(program.run())
    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: asyncio.get_running_loop().call_soon_threadsafe(work.cancel))
        else:
            asyncio.get_running_loop().add_signal_handler(number, work.cancel)
    try:
        await work
    except asyncio.CancelledError:
        return


def main() -> None:
    """The program, in the newest version that its agent has installed."""
    from pressroom.workstation.starting import be_chosen_version

    be_chosen_version(sys.argv[1:])
    app()


if __name__ == "__main__":
    main()
