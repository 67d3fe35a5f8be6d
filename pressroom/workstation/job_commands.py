"""The commands of `printctl` for documents: submit, and look after one's queue (PR-330)."""

import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
from rich.table import Table

from connectors.errors import PressroomError
from pressroom.workstation.cloud import BUSY, NO_ROUTE, Cloud
from pressroom.workstation.command_line import (
    EXIT_CODES,
    NOT_DONE,
    USAGE,
    AsJson,
    Folder,
    Place,
    console,
    explained,
    place_of,
    problems,
    tell,
    with_portal,
)
from pressroom.workstation.direct_commands import print_at
from pressroom.workstation.program import TOLD
from pressroom.workstation.submitting import ATTEMPTS, Sending, job_when_ready, submit, ticket_of

ENDED_BADLY = frozenset({"rejected", "failed"})
WAIT_SECONDS = 120.0
SOON = 2
"""Attempts to reach the portal of somebody who may print without it."""
Files = Annotated[list[Path], typer.Argument(help="Documents to print.", exists=True, dir_okay=False, readable=True)]
Options = Annotated[
    list[str] | None, typer.Option("--option", "-o", help="A setting, as sides=two-sided-long-edge or number-up=2.")
]
JobIds = Annotated[list[str], typer.Argument(help="Ids of jobs, as “printctl queue” shows them.")]


def submit_files(
    files: Files,
    copies: Annotated[int | None, typer.Option(min=1, max=999, help="How many copies.")] = None,
    sides: Annotated[
        str | None, typer.Option(help="one-sided, two-sided-long-edge or two-sided-short-edge; 1, 2 for short.")
    ] = None,
    color: Annotated[bool | None, typer.Option("--color/--mono", help="In colour, or in black and white.")] = None,
    pages: Annotated[str | None, typer.Option(help="Which pages, as 1-3,7.")] = None,
    media: Annotated[
        str | None, typer.Option(help="Paper, as iso_a4_210x297mm; A4, Letter and the like for short.")
    ] = None,
    option: Options = None,
    title: Annotated[str, typer.Option(help="Name of the job; else that of the file.")] = "",
    description: Annotated[str, typer.Option(help="What is noted with the job.")] = "",
    queue: Annotated[str, typer.Option("--queue", "-q", help="cloud, or hybrid: it stays on this computer.")] = "cloud",
    wait: Annotated[bool, typer.Option(help="Wait until the portal has prepared the jobs.")] = True,
    as_json: AsJson = False,
    folder: Folder = None,
) -> None:
    """Send documents to one's print queue, where they wait until they are released at a printer."""
    if queue not in ("cloud", "hybrid"):
        problems.print("[bold red]The queues are “cloud” and “hybrid”; “printctl direct submit” prints directly.[/]")
        raise typer.Exit(USAGE)
    chosen = _options(option or [])
    short = {"1": "one-sided", "2": "two-sided-long-edge"}
    more = {
        "copies": str(copies) if copies else "",
        "sides": short.get(sides or "", sides or ""),
        "print-color-mode": "" if color is None else "color" if color else "monochrome",
        "page-ranges": pages or "",
        "media": media or "",
    }
    with explained():
        ticket = ticket_of(chosen | {name: value for name, value in more.items() if value})
    sendings = [Sending(path, title or path.name, ticket, "command_line", description) for path in files]
    if queue == "hybrid":
        _spool(folder, sendings, as_json=as_json)
        return

    async def work(place: Place, cloud: Cloud) -> list[dict[str, Any] | PressroomError]:
        attempts = SOON if _prints_offline(place) and not as_json else ATTEMPTS
        return [await _sent(place, cloud, one, wait, attempts, shown=not as_json) for one in sendings]

    results = with_portal(folder, work)
    if as_json:
        typer.echo(json.dumps([_plain(one) for one in results], indent=2, ensure_ascii=False))
    bad = [one for one in results if isinstance(one, PressroomError) or one["state"] in ENDED_BADLY]
    left = [sending for sending, one in zip(sendings, results, strict=True) if _could_not_be_sent(one)]
    if left and not as_json and _printed_without_portal(left, folder) and len(left) == len(bad):
        return
    if bad:
        code = EXIT_CODES.get(bad[0].fault, NOT_DONE) if isinstance(bad[0], PressroomError) else NOT_DONE
        raise typer.Exit(code)


def _prints_offline(place: Place) -> bool:
    return "offline" in (place.folder.unsealed(TOLD) or {}).get("modes", ())


def _could_not_be_sent(result: dict[str, Any] | PressroomError) -> bool:
    return isinstance(result, PressroomError) and result.fault in (NO_ROUTE, BUSY)


def _printed_without_portal(sendings: Sequence[Sending], folder: Path | None) -> bool:
    """Whether documents were printed offline instead: whoever may is told where, and asked at a terminal (PR-312)."""
    place = place_of(folder)
    if not _prints_offline(place):
        return False
    problems.print("Meanwhile you can print at a printer itself, without the portal:")
    for one in (place.folder.unsealed(TOLD) or {}).get("printers", ()):
        problems.print(f"  {escape(one['queue'])}  {escape(one['name'])}  {escape(one['address'])}")
    if not sys.stdin.isatty():
        problems.print("“printctl offline submit -p PRINTER FILE” does it; PRINTER is one of these, or any address.")
        return False
    printer = typer.prompt("Which one, or an address (Enter: none)", default="", show_default=False, err=True).strip()
    if not printer:
        return False
    print_at(printer, "offline", [(one.path, one.name, one.ticket) for one in sendings], folder)
    return True


def _spool(folder: Path | None, sendings: Sequence[Sending], *, as_json: bool) -> None:
    """Seal documents on this computer; its agent tells the portal of them as soon as it can (F-17)."""
    from pressroom.workstation.node.hybrid import spool_of

    with explained():
        place = place_of(folder)
        place.folder.identity()
        spool = spool_of(place.folder)
        ids = [spool.add(one.path, one.name, one.ticket) for one in sendings]
    if as_json:
        typer.echo(json.dumps([{"local_id": one} for one in ids], indent=2))
    else:
        console.print(f"{len(ids)} kept on this computer until released at a printer.")


def queue_list(
    user: Annotated[str, typer.Option(help="Whose queue, by id, for administrators.")] = "",
    as_json: AsJson = False,
    folder: Folder = None,
) -> None:
    """The jobs that wait in the queue."""

    async def work(_place: Place, cloud: Cloud) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        after = ""
        while True:
            page = await cloud.json("GET", "/api/v1/print-jobs", params={"user_id": user, "after": after, "limit": 200})
            found += page["items"]
            after = page["next"] or ""
            if not after:
                return found

    _show_jobs(with_portal(folder, work), as_json=as_json)


def show_job(
    job_id: Annotated[str, typer.Argument(help="Id of the job.")], as_json: AsJson = False, folder: Folder = None
) -> None:
    """One job with all that is known of it."""

    async def work(_place: Place, cloud: Cloud) -> dict[str, Any]:
        job: dict[str, Any] = await cloud.json("GET", f"/api/v1/print-jobs/{job_id}")
        return job

    job = with_portal(folder, work)
    if as_json:
        typer.echo(json.dumps(job, indent=2, ensure_ascii=False))
        return
    for name in ("name", "state", "pages", "source", "submitted", "expires_at"):
        console.print(f"{name:12}{escape(str(job[name]))}")
    for name, value in job["ticket"].items():
        if value is not None:
            console.print(f"{name:12}{escape(str(value))}")


def set_job(job_ids: JobIds, option: Options = None, folder: Folder = None) -> None:
    """Change settings of jobs that wait."""
    options = _options(option or [])
    with explained():
        wanted = ticket_of(options).chosen()

    async def work(_place: Place, cloud: Cloud) -> None:
        for job_id in job_ids:
            job = await cloud.json("GET", f"/api/v1/print-jobs/{job_id}")
            ticket = {name: value for name, value in job["ticket"].items() if value is not None} | wanted
            await cloud.json("PATCH", f"/api/v1/print-jobs/{job_id}", json={"ticket": ticket})

    with_portal(folder, work)


def remove_jobs(job_ids: JobIds, folder: Folder = None) -> None:
    """Delete jobs from the queue."""

    async def work(_place: Place, cloud: Cloud) -> list[dict[str, Any]]:
        results: list[dict[str, Any]] = await cloud.json("POST", "/api/v1/print-jobs/delete", json={"ids": job_ids})
        return results

    failed = [one for one in with_portal(folder, work) if not one["deleted"]]
    for one in failed:
        problems.print(f"[bold red]{escape(one['error']['message'])}[/]\n{escape(one['error']['remedy'])}")
    if failed:
        raise typer.Exit(NOT_DONE)


def defaults(
    option: Options = None,
    clear: Annotated[bool, typer.Option(help="Forget all of them first.")] = False,
    folder: Folder = None,
) -> None:
    """The settings that one's jobs get where they choose nothing; with -o, change them."""
    with explained():
        wanted = ticket_of(_options(option or [])).chosen()

    async def work(_place: Place, cloud: Cloud) -> dict[str, Any]:
        known = {} if clear else await cloud.json("GET", "/api/v1/print-jobs/defaults")
        kept: dict[str, Any] = {name: value for name, value in known.items() if value is not None} | wanted
        if wanted or clear:
            await cloud.json("PUT", "/api/v1/print-jobs/defaults", json=kept)
        return kept

    for name, value in with_portal(folder, work).items():
        console.print(f"{name:20}{escape(str(value))}")


async def _sent(
    place: Place, cloud: Cloud, sending: Sending, wait: bool, attempts: int, *, shown: bool
) -> dict[str, Any] | PressroomError:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    try:
        with ExitStack() as stack:
            report = lambda _done, _all: None  # noqa: E731 — nothing to be shown
            if shown and problems.is_terminal:
                bar = stack.enter_context(Progress(*columns, console=problems, transient=True))
                task = bar.add_task(escape(sending.name))
                report = lambda done, size: bar.update(task, completed=done, total=size)  # noqa: E731
            job = await submit(place.folder, cloud, sending, report, attempts)
        job = await job_when_ready(cloud, job, WAIT_SECONDS) if wait else job
    except PressroomError as error:
        tell(error)
        return error
    if job["state"] in ENDED_BADLY:
        reason = job["reason"] or {"message": "", "remedy": ""}
        problems.print(f"[bold red]{escape(reason['message'])}[/]\n{escape(reason['remedy'])}")
    elif shown:
        pages = f", {job['pages']} pages" if job["pages"] else ""
        console.print(f"{escape(job['name'])}: {job['state']}{pages} ({job['id']})")
    return job


def _options(given: list[str]) -> dict[str, str]:
    parts = (one.partition("=") for one in given)
    return {name.strip(): value.strip() for name, _, value in parts}


def _show_jobs(jobs: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(jobs, indent=2, ensure_ascii=False))
        return
    table = Table("Id", "Name", "State", "Pages", "Submitted")
    for job in jobs:
        pages = "" if job["pages"] is None else str(job["pages"])
        table.add_row(job["id"], escape(job["name"]), job["state"], pages, job["submitted"][:16].replace("T", " "))
    console.print(table)


def _plain(result: dict[str, Any] | PressroomError) -> dict[str, Any]:
    if not isinstance(result, PressroomError):
        return result
    code = str(result.facts.get("code", result.code))
    return {"error": {"code": code, "message": result.message, "remedy": result.remedy}}
