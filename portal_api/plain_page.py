"""A page without any script or style sheet of its own, for problems that a browser meets outside the portal's pages."""

from html import escape

from connectors.messages import N_
from domain.texts.catalogue import translate

_PAGE = """<!doctype html>
<html lang="{locale}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} – Pressroom</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 15vh auto 0; padding: 0 1rem }}
</style>
</head>
<body><main><h1>{title}</h1><p>{remedy}</p><p><a href="/">{back}</a></p></main></body>
</html>
"""


def problem_page(title: str, remedy: str, locale: str) -> str:
    """What happened, what to do, and the way to the portal, as HTML."""
    back = translate(N_("Go to the solutions"), locale)
    return _PAGE.format(locale=locale, title=escape(title), remedy=escape(remedy), back=escape(back))
