"""Pages without any script or style sheet of their own, for what a browser meets outside the portal's pages."""

from html import escape

from connectors.messages import N_
from domain.texts.catalogue import translate

_PAGE = """<!doctype html>
<html lang="{locale}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">{head}
<title>{title} – Pressroom</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 15vh auto 0; padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100% }} caption {{ text-align: left; font-weight: 600 }}
th, td {{ text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid #8886; overflow-wrap: anywhere }}
dt {{ font-weight: 600 }} dd {{ margin: 0 0 .5rem; overflow-wrap: anywhere }}
</style>
</head>
<body><main><h1>{title}</h1>{body}</main></body>
</html>
"""


def plain_page(title: str, body: str, locale: str, head: str = "") -> str:
    """A page of that title; `body` and `head` are HTML already."""
    return _PAGE.format(locale=locale, title=escape(title), body=body, head=head)


def problem_page(title: str, remedy: str, locale: str) -> str:
    """What happened, what to do, and the way to the portal, as HTML."""
    back = translate(N_("Go to the start page"), locale)
    return plain_page(title, f'<p>{escape(remedy)}</p><p><a href="/">{escape(back)}</a></p>', locale)
