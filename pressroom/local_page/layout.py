"""How local pages look: plain HTML with one style sheet, no script, nothing from elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

STYLE = """
:root { color-scheme: light dark; --ink: #18212a; --paper: #fff; --rule: #c9d0d6; --main: #00687a; --bad: #a8261d;
  --good: #1c6b2f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8edf1; --paper: #14191e; --rule: #46515b; --main: #58c4d8;
  --bad: #ff9d94; --good: #8fd6a0; } }
* { box-sizing: border-box }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper) }
main, header { max-width: 64rem; margin: 0 auto; padding: 0 1rem }
header { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; align-items: baseline; padding-top: 1rem;
  border-bottom: 3px solid var(--main); padding-bottom: .6rem }
header strong { font-size: 1.15rem; margin-right: 1rem }
header a[aria-current] { font-weight: 700; text-decoration: none }
a { color: var(--main) }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem }
label { display: block; margin: .9rem 0 } label.line { display: flex; gap: .5rem; align-items: flex-start }
label span { display: block; font-weight: 600 } label.line span { font-weight: 400 }
input:not([type=checkbox]):not([type=radio]), select, textarea { font: inherit; width: 100%; max-width: 30rem;
  padding: .45rem .6rem; border: 1px solid var(--rule); border-radius: 5px; color: inherit; background: transparent }
textarea { max-width: 100%; min-height: 8rem; font-family: ui-monospace, monospace }
button { font: inherit; padding: .5rem 1rem; border: 0; border-radius: 5px; background: var(--main);
  color: var(--paper); cursor: pointer; margin: .3rem .5rem .3rem 0 }
button.plain { background: transparent; color: var(--main); border: 1px solid var(--main) }
:focus-visible { outline: 3px solid var(--main); outline-offset: 2px }
table { border-collapse: collapse; width: 100% } caption { text-align: left; font-weight: 600; padding: .4rem 0 }
th, td { text-align: left; padding: .4rem .7rem .4rem 0; border-bottom: 1px solid var(--rule);
  overflow-wrap: anywhere; vertical-align: top }
dl { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .3rem 1.2rem } dt { font-weight: 600 }
dd { margin: 0; overflow-wrap: anywhere }
.bad, .good { border-left: 4px solid; padding: .4rem .8rem } .bad { color: var(--bad) } .good { color: var(--good) }
.hint { opacity: .8; font-size: .92rem } .rows { overflow-x: auto }
pre { overflow: auto; max-height: 60vh; border: 1px solid var(--rule); padding: .6rem; font-size: .85rem }
"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page. `body` is HTML already; `menu` are addresses and titles; `wait`: look again after so many seconds."""

    product: str
    title: str
    locale: str
    body: str
    here: str = ""
    menu: Sequence[tuple[str, str]] = ()
    said: str = ""
    failed: Sequence[str] = field(default=())
    wait: int = 0

    def html(self) -> str:
        """The whole page."""
        links = "".join(
            f'<a href="{escape(address)}"{" aria-current=page" if address == self.here else ""}>{escape(name)}</a>'
            for address, name in self.menu
        )
        again = f'<meta http-equiv="refresh" content="{self.wait}">' if self.wait else ""
        failed = f'<div class="bad" role="alert">{paragraphs(self.failed)}</div>' if self.failed else ""
        said = f'<p class="good" role="status">{escape(self.said)}</p>' if self.said else ""
        return (
            f'<!doctype html><html lang="{escape(self.locale)}"><head><meta charset="utf-8">{again}'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{escape(self.title)} – {escape(self.product)}</title>"
            f'<link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css"></head><body>'
            f"<header><strong>{escape(self.product)}</strong><nav>{links}</nav></header>"
            f"<main><h1>{escape(self.title)}</h1>{failed}{said}{self.body}</main></body></html>"
        )


def paragraphs(texts: Iterable[str]) -> str:
    """Texts as paragraphs."""
    return "".join(f"<p>{escape(text)}</p>" for text in texts)


def form(action: str, csrf: str, parts: Iterable[str], submit: str, *, name: str = "", files: bool = False) -> str:
    """A form that is sent to `action`, with the mark that only this program's own forms have."""
    encoding = ' enctype="multipart/form-data"' if files else ""
    label = f' aria-label="{escape(name)}"' if name else ""
    return (
        f'<form method="post" action="{escape(action)}"{encoding}{label}>'
        f'<input type="hidden" name="csrf" value="{escape(csrf)}">{"".join(parts)}'
        f'<button type="submit">{escape(submit)}</button></form>'
    )


def field_of(name: str, label: str, value: str = "", *, kind: str = "text", hint: str = "", more: str = "") -> str:
    """A field with its label; `more` are further attributes, HTML already."""
    told = f'<span class="hint">{escape(hint)}</span>' if hint else ""
    return (
        f'<label><span>{escape(label)}</span><input name="{escape(name)}" type="{kind}" value="{escape(value)}" '
        f'autocomplete="off" {more}>{told}</label>'
    )


def tick(name: str, label: str, *, on: bool, value: str = "on") -> str:
    """A box to tick."""
    checked = " checked" if on else ""
    return (
        f'<label class="line"><input type="checkbox" name="{escape(name)}" value="{escape(value)}"{checked}>'
        f"<span>{escape(label)}</span></label>"
    )


def choice(name: str, label: str, options: Iterable[tuple[str, str]], chosen: str) -> str:
    """A list to choose one of."""
    rows = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(title)}</option>'
        for value, title in options
    )
    return f'<label><span>{escape(label)}</span><select name="{escape(name)}">{rows}</select></label>'


def text_area(name: str, label: str, value: str) -> str:
    """A field of several lines."""
    return f'<label><span>{escape(label)}</span><textarea name="{escape(name)}">{escape(value)}</textarea></label>'


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """Names and values."""
    return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(value)}</dd>' for name, value in rows)}</dl>"


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are HTML already."""
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    top = f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
    return f'<div class="rows"><table>{top}<tbody>{body}</tbody></table></div>'
