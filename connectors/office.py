"""LibreOffice as a converter: one process per conversion, with its own profile, a time limit and no macros.

A resident instance would answer faster, but one hostile file takes it down for everybody.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

from connectors.errors import Fault
from connectors.limited_process import run_limited
from connectors.messages import N_

OFFICE_MISSING = Fault(
    "office.missing",
    503,
    N_("LibreOffice, which converts this kind of file, is not installed."),
    N_("Administrators: install the packages libreoffice-writer-nogui, -calc-nogui and -impress-nogui."),
)
OFFICE_FAILED = Fault(
    "office.failed",
    422,
    N_("“{name}” could not be converted to {to}."),
    N_("Open the file on your computer, save it as {to} and hand that in. It may be damaged or protected."),
)
OFFICE_TIMEOUT = Fault(
    "office.timeout",
    504,
    N_("Converting “{name}” to {to} took longer than {seconds} seconds."),
    N_("Save the file as {to} on your computer and hand that in, or split it into smaller files."),
)
OFFICE_CRASHED = Fault(
    "office.crashed",
    503,
    N_("LibreOffice broke off while it converted “{name}” to {to}."),
    N_("It is tried again where that helps. Save the file as {to} on your computer and hand that in otherwise."),
    transient=True,
)

FILTERS = {
    "docx": "docx:MS Word 2007 XML",
    "xlsx": "xlsx:Calc MS Excel 2007 XML",
    "pptx": "pptx:Impress MS PowerPoint 2007 XML",
    "pdf": "pdf",
    "odt": "odt",
    "ods": "ods",
    "odp": "odp",
    "rtf": "rtf",
    "doc": "doc:MS Word 97",
    "xls": "xls:MS Excel 97",
    "ppt": "ppt:MS PowerPoint 97",
    "txt": "txt:Text (encoded):UTF8",
}
"""What can be asked for, and LibreOffice's name of the export filter."""

READERS = {".doc": "MS Word 97", ".xls": "MS Excel 97", ".ppt": "MS PowerPoint 97", ".rtf": "Rich Text Format"}
"""Import filters that must be named: left to guess, LibreOffice reads a damaged file of these kinds as plain text."""

FIRST_SIGNAL_CODE = 128
"""Shells report that a program was ended by signal n as exit code 128 + n."""

_CONFIGURATION = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
 <item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse">\
<value>3</value></prop></item>
 <item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" \
oor:op="fuse"><value>true</value></prop></item>
 <item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" \
oor:op="fuse"><value>true</value></prop></item>
 <item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2</value>\
</prop></item>
 <item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2</value>\
</prop></item>
</oor:items>
"""
"""The profile: very high macro security, macros off, links to other files neither followed nor updated."""


def convert(path: Path, to: str, scratch: Path, timeout: float) -> Path:
    """Convert `path` to the format `to` (a key of `FILTERS`) and return the new file, which lies below `scratch`.

    `timeout` is in seconds. Raises `OFFICE_MISSING`, `OFFICE_TIMEOUT`, `OFFICE_CRASHED`, or `OFFICE_FAILED` where no
    file came out, which LibreOffice may well report as success.
    """
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise OFFICE_MISSING()
    work = Path(tempfile.mkdtemp(prefix="office-", dir=scratch))
    profile, source = work / "profile", work / f"document{path.suffix.lower()}"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_CONFIGURATION, encoding="utf-8")
    shutil.copyfile(path, source)
    (work / "out").mkdir()
    try:
        code = run_limited(
            [
                program,
                f"-env:UserInstallation={profile.resolve().as_uri()}",
                *("--headless", "--invisible", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard"),
                *((f"--infilter={READERS[source.suffix]}",) if source.suffix in READERS else ()),
                *("--convert-to", FILTERS[to], "--outdir", str(work / "out"), str(source)),
            ],
            work,
            timeout,
            {"SAL_USE_VCLPLUGIN": "svp"},
        )
    except subprocess.TimeoutExpired as exc:
        raise OFFICE_TIMEOUT(name=path.name, to=to.upper(), seconds=f"{timeout:g}") from exc
    finally:
        shutil.rmtree(profile, ignore_errors=True)
        source.unlink(missing_ok=True)
    made = work / "out" / f"document.{to}"
    if is_crash(code) and not made.is_file():
        raise OFFICE_CRASHED(name=path.name, to=to.upper(), code=code)
    if not made.is_file() or made.stat().st_size == 0:
        raise OFFICE_FAILED(name=path.name, to=to.upper())
    return made


def is_crash(code: int) -> bool:
    """Whether an exit code says that a signal ended the program."""
    return code < 0 or FIRST_SIGNAL_CODE < code < FIRST_SIGNAL_CODE + 65
