"""A backend of CUPS that puts documents into the spool folder of `printctl agent` (PR-332).

It is copied out of the program and run by CUPS alone, as CUPS runs backends: without arguments it lists its devices,
else with job, user, title, copies, options and perhaps a file. So it needs nothing but Python. Documents stay as they
came (the queue has no driver), settings lie beside them; the portal applies them. Exit codes are those of backend.h.
"""

import json
import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

OK, FAILED, STOP = 0, 1, 4
NAMES = frozenset(
    {
        *(
            "sides",
            "number-up",
            "page-ranges",
            "media",
            "media-type",
            "print-color-mode",
            "print-quality",
            "output-bin",
        ),
        *("job-account-id",),
    }
)
"""Settings that mean the same at the portal; what else CUPS hands on says nothing there."""
SAYS_NOTHING = frozenset({("number-up", "1"), ("print-color-mode", "auto")})
"""What CUPS adds by itself."""
PAPERS = {
    "a3": "iso_a3_297x420mm",
    "a4": "iso_a4_210x297mm",
    "a5": "iso_a5_148x210mm",
    "a6": "iso_a6_105x148mm",
    "b5": "jis_b5_182x257mm",
    "isob5": "iso_b5_176x250mm",
    "letter": "na_letter_8.5x11in",
    "legal": "na_legal_8.5x14in",
    "executive": "na_executive_7.25x10.5in",
    "statement": "na_invoice_5.5x8.5in",
    "ledger": "na_ledger_11x17in",
    "tabloid": "na_ledger_11x17in",
    "envc5": "iso_c5_162x229mm",
    "envdl": "iso_dl_110x220mm",
    "env10": "na_number-10_4.125x9.5in",
}
"""Names of paper as CUPS hands them on for a queue without a driver: here too, since nothing but Python is there."""
COLORS = {"color": "color", "monochrome": "monochrome", "process-monochrome": "monochrome", "auto": "auto"}
QUALITIES = {"3": "draft", "4": "normal", "5": "high"}


def main(arguments: list[str], device: str) -> int:
    """Do what CUPS asks for; returns the exit code."""
    if not arguments:
        print('file pressroom-spool "Unknown" "Pressroom spool folder"')
        return OK
    if len(arguments) not in (5, 6):
        print("ERROR: job user title copies options [file]", file=sys.stderr)
        return FAILED
    folder = Path(unquote(urlsplit(device).path))
    if not folder.is_dir():
        print(f"ERROR: The spool folder {folder} is not there.", file=sys.stderr)
        return STOP
    job, _user, title, copies, options = arguments[:5]
    number = "".join(sign for sign in job if sign.isalnum()) or "0"
    target = folder / f"cups-{number}-{os.getpid()}.prn"
    part = target.with_name(f"{target.name}.part")
    with part.open("wb") as document:
        part.chmod(0o644)
        if len(arguments) == 6:
            with Path(arguments[5]).open("rb") as source:
                shutil.copyfileobj(source, document)
            known = {"copies": copies, **dict(_known(options))}
        else:  # from standard input CUPS has made the copies already
            shutil.copyfileobj(sys.stdin.buffer, document)
            known = dict(_known(options))
        document.flush()
        os.fsync(document.fileno())
    settings = target.with_name(f"{target.name}.json")
    settings.write_text(json.dumps({"name": title or "Untitled", "options": known}), encoding="utf-8")
    settings.chmod(0o644)
    part.replace(target)
    return OK


def _known(options: str) -> Iterator[tuple[str, str]]:
    for word in shlex.split(options):
        name, _, value = word.partition("=")
        if name == "media":
            sizes = [PAPERS[part.lower()] for part in value.split(",") if part.lower() in PAPERS]
            value = sizes[0] if sizes else value if "_" in value else ""
        elif name == "print-color-mode":
            value = COLORS.get(value, "")
        elif name == "print-quality":
            value = QUALITIES.get(value, "")
        if name in NAMES and value and (name, value) not in SAYS_NOTHING:
            yield name, value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ.get("DEVICE_URI", "")))
