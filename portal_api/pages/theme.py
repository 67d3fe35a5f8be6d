"""How the portal looks: one style sheet, one small script, and the elements that every page is made of."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from nicegui import app, ui
from nicegui.element import Element

STYLE = Path(__file__).parent / "theme.css"
SCAN_SCRIPT = Path(__file__).parent / "phone_scan.js"
FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#17212b"/>'
    '<rect x="5" y="7" width="5" height="18" fill="#00a3cc"/><rect x="11" y="7" width="5" height="18" fill="#d6337c"/>'
    '<rect x="17" y="7" width="5" height="18" fill="#f2c200"/><rect x="23" y="7" width="4" height="18" fill="#fff"/>'
    "</svg>"
)
GUARD = """<script>
addEventListener('beforeunload', event => { if (window.unsavedChanges) event.preventDefault(); });
</script>"""
LOOK_COOKIE = "pressroom_look"
LOOKS: dict[str, bool | None] = {"auto": None, "light": False, "dark": True}


def serve() -> None:
    """Offer the style sheet under an address that changes with its content."""
    app.add_static_file(local_file=STYLE, url_path=_style_address(), max_cache_age=31_536_000)
    ui.add_head_html(f'<link rel="stylesheet" href="{_style_address()}">{GUARD}', shared=True)
    app.add_static_file(local_file=SCAN_SCRIPT, url_path=scan_script_address(), max_cache_age=31_536_000)


@lru_cache(maxsize=1)
def _style_address() -> str:
    return f"/_portal/theme-{hashlib.sha256(STYLE.read_bytes()).hexdigest()[:12]}.css"


@lru_cache(maxsize=1)
def scan_script_address() -> str:
    """Where the script is that takes pictures and moves corners."""
    return f"/_portal/phone-scan-{hashlib.sha256(SCAN_SCRIPT.read_bytes()).hexdigest()[:12]}.js"


@contextmanager
def block(classes: str, tag: str = "div", **attributes: str) -> Iterator[Element]:
    """A plain element that holds others; `attributes` with underscores for dashes (`aria_label`)."""
    with box(classes, tag, **attributes) as element:
        yield element


def box(classes: str = "", tag: str = "div", **attributes: str) -> Element:
    """A plain element."""
    element = ui.element(tag).classes(classes)
    for name, value in attributes.items():
        element.props[name.rstrip("_").replace("_", "-")] = value
    return element


def dialog() -> ui.dialog:
    """A dialog that belongs to the page: it stays open when the list that it was opened from is made anew.

    NiceGUI deletes a dialog together with the part of the page that stands around the call.
    """
    with on_page():
        return ui.dialog()


def on_page() -> Element:
    """The whole content of the page, as a place that is there as long as the page is."""
    return ui.context.client.content


def text(content: str, classes: str = "", tag: str = "span", **attributes: str) -> ui.label:
    """Text in a plain element. It is set as text, never as HTML."""
    element = ui.label(content).classes(classes)
    element.tag = tag
    for name, value in attributes.items():
        element.props[name.rstrip("_").replace("_", "-")] = value
    return element


def symbol(name: str) -> str:
    """The outlined symbol of that name, by the name that Quasar knows it under."""
    return f"sym_o_{name}"


def icon(name: str) -> ui.icon:
    """A symbol that says nothing to screen readers: words stand beside it."""
    return ui.icon(symbol(name)).props('aria-hidden="true"')


def main_button(label: str, icon: str | None = None) -> ui.button:
    """The one thing to do here."""
    return (
        ui.button(label, icon=symbol(icon) if icon else None, color=None)
        .props("unelevated no-caps")
        .classes("button main")
    )


def plain_button(label: str, icon: str | None = None) -> ui.button:
    """Something else that can be done here."""
    return ui.button(label, icon=symbol(icon) if icon else None, color=None).props("outline no-caps").classes("button")


def icon_button(icon: str, label: str) -> ui.button:
    """A small round button; `label` is what it says to screen readers and under the pointer."""
    button = ui.button(icon=symbol(icon), color=None).props("flat round dense").classes("icon-button")
    button.props["aria-label"] = label
    with button:
        ui.tooltip(label).props('aria-hidden="true"')
    return button


def picks_files(button: ui.button, upload: ui.upload) -> None:
    """Let the button open the browser's choice of files for an upload; at once, as browsers ask for a press."""
    button.on("click", js_handler=f"() => runMethod({upload.id}, 'pickFiles', [])")


def chip(label: str, kind: str = "") -> Element:
    """A word on a small coloured slip."""
    return text(label, f"slip {kind}".strip())


def color_bar() -> Element:
    """The control strip that printers put on a sheet's edge: our mark."""
    with box("color-bar", aria_hidden="true") as bar:
        for ink in ("cyan", "magenta", "yellow", "key"):
            box(f"patch {ink}")
    return bar
