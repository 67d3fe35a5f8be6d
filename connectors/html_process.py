"""The process that renders one HTML file: `html_process.py SOURCE TARGET`. It imports nothing of ours.

WeasyPrint (BSD) knows paged media and runs no scripts; a page may use what it carries itself (`data:` addresses) and
nothing else: neither the network nor files of this machine.
"""

import sys
from pathlib import Path

STYLE = "img, svg, table { max-width: 100% } pre { white-space: pre-wrap }"


def render(source: Path, target: Path) -> None:
    """Write the HTML file `source` as a PDF to `target`."""
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

    fetcher = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    with source.open("rb") as file:
        HTML(file_obj=file, url_fetcher=fetcher).write_pdf(target, stylesheets=[CSS(string=STYLE)])


if __name__ == "__main__":
    render(Path(sys.argv[1]), Path(sys.argv[2]))
