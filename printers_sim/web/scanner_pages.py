"""The scanner over HTTP: `/scanner` for people, `/panel/v1/scanner` for tests, at the printer and at its operator's."""

import io
from typing import Any
from urllib.parse import parse_qs

from PIL import Image
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from printers_sim.device.refusal import Refusal
from printers_sim.printer import SimulatedPrinter
from printers_sim.scanner.apps import ScanApps
from printers_sim.scanner.control import COUNTS, NUMBERS, SWITCHES, change, described
from printers_sim.scanner.originals import Kind, Original, draw, languages
from printers_sim.web.pages import done, page, readable
from printers_sim.web.requests import json_object, printer_of
from printers_sim.web.uploads import LARGEST_JSON, too_large

PREVIEW_DPI = 25
MOST_COPIES = 20
LABELS = {
    "cover_open": "The cover of the feeder is open",
    "is_jammed": "An original is jammed",
    "refill": "An empty feeder is filled again",
    "jam_at": "Jam at original number",
    "upload_breaks": "Uploads that break off",
    "slow": "Seconds more for each side",
    "skew": "Crooked by up to … degrees",
    "noise": "Grain (0 to 1)",
}


def scanning_printer(request: Request) -> SimulatedPrinter:
    """The printer at whose address the request came in, if it can scan."""
    printer = printer_of(request)
    if not printer.profile.scan:
        raise Refusal(404, "not_found", "This printer has no scanner.")
    return printer


@readable
async def shown(request: Request) -> Response:
    """What is in the scanner, and the samples that can be put into it."""
    printer = scanning_printer(request)
    return page(
        request,
        "scanner.html",
        "Scanner",
        scanner=printer.scanner,
        kinds=list(Kind),
        languages=languages(),
        limits={**NUMBERS, **COUNTS},
        labels=LABELS,
    )


@readable
async def filled(request: Request) -> Response:
    """POST: put originals of a kind into the feeder or on the glass."""
    printer = scanning_printer(request)
    given = await _form(request)
    count = given.get("count", "1")
    originals = [
        {"kind": given.get("kind", ""), "language": given.get("language", ""), "seed": printer.scanner.sides + number}
        for number in range(1, min(int(count) if count.isdecimal() else 1, MOST_COPIES) + 1)
    ]
    if given.get("where") == "glass":
        change(printer.scanner, {"glass": originals[0]})
        text = "The original lies on the glass."
    else:
        change(printer.scanner, {"feeder": originals})
        text = "The originals are in the feeder."
    printer.changes += 1
    return done("/scanner", text)


@readable
async def turned(request: Request) -> Response:
    """POST: let something go wrong, or put it right; what is not checked is off."""
    printer, given = scanning_printer(request), await _form(request)
    wanted: dict[str, Any] = {name: name in given for name in (*SWITCHES, "is_jammed")}
    for name in (*NUMBERS, *COUNTS):
        try:
            number = float(given.get(name) or 0)
        except ValueError as error:
            raise Refusal(422, "invalid_value", f"“{LABELS[name]}” is a number.") from error
        wanted[name] = int(number) if name in COUNTS and number.is_integer() else number
    change(printer.scanner, wanted)
    printer.changes += 1
    return done("/scanner", "The scanner is set.")


async def state(request: Request) -> JSONResponse:
    """GET and PATCH: what is in it, and what is wrong with it."""
    printer = scanning_printer(request)
    if request.method == "PATCH":
        change(printer.scanner, await json_object(request))
        printer.changes += 1
    app = _apps(request).of(printer)
    return JSONResponse({**described(printer.scanner), "in_hand": app.in_hand, "problem": app.problem})


async def sample(request: Request) -> Response:
    """A small picture of a sample original."""
    asked = request.query_params
    if asked.get("kind") not in set(Kind) or asked.get("language") not in languages():
        raise Refusal(404, "not_found", "There is no such original.")
    picture = draw(Original(Kind(asked["kind"]), asked["language"]), 4 * PREVIEW_DPI)
    out = io.BytesIO()
    picture.resize((picture.width // 4, picture.height // 4), Image.Resampling.LANCZOS).save(out, "PNG")
    return Response(out.getvalue(), media_type="image/png", headers={"Cache-Control": "max-age=86400"})


async def _form(request: Request) -> dict[str, str]:
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > LARGEST_JSON:
            raise too_large(LARGEST_JSON)
    return {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _apps(request: Request) -> ScanApps:
    apps: ScanApps = request.app.state.scans
    return apps


ROUTES = [
    Route("/scanner", shown),
    Route("/scanner", filled, methods=["POST"]),
    Route("/scanner/trouble", turned, methods=["POST"]),
    Route("/scanner/sample.png", sample),
    Route("/panel/v1/scanner", state, methods=["GET", "PATCH"]),
]
