"""HTML files as PDFs: rendered in a process of its own, without network, scripts or files of this machine (PR-131)."""

import subprocess
import sys
import tempfile
from pathlib import Path

from connectors.errors import Fault
from connectors.limited_process import run_limited
from connectors.messages import N_

HTML_FAILED = Fault(
    "html.failed",
    422,
    N_("The web page “{name}” could not be rendered."),
    N_("Open it in a browser, print it to a PDF there and hand that in."),
    spec="PR-131",
)
HTML_TIMEOUT = Fault(
    "html.timeout",
    504,
    N_("Rendering the web page “{name}” took longer than {seconds} seconds."),
    N_("Open it in a browser, print it to a PDF there and hand that in, or split it into smaller files."),
    spec="PR-131",
)

PROGRAM = Path(__file__).with_name("html_process.py")
MOST_MEMORY = 4 << 30


def render_html(path: Path, name: str, scratch: Path, timeout: float) -> Path:
    """The HTML file at `path`, which people call `name`, as a PDF below `scratch`; `timeout` is in seconds.

    Raises `HTML_FAILED`, `HTML_TIMEOUT`.
    """
    work = Path(tempfile.mkdtemp(prefix="html-", dir=scratch)).resolve()
    made = work / "page.pdf"
    command = [sys.executable, "-I", str(PROGRAM), str(path.resolve()), str(made)]
    try:
        code = run_limited(command, work, timeout, most_memory=MOST_MEMORY)
    except subprocess.TimeoutExpired as exc:
        raise HTML_TIMEOUT(name=name, seconds=f"{timeout:g}") from exc
    if code or not made.is_file():
        raise HTML_FAILED(name=name, code=code)
    return made
