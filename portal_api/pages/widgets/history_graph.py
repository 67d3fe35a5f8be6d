"""A small graph of values by day, drawn as lines; what it shows stands beside it as text too."""

from collections.abc import Sequence
from datetime import date

from portal_api.pages import theme
from portal_api.pages.words import _

WIDTH, HEIGHT, EDGE = 300, 84, 4
FEWEST = 2
"""Days without which there is no line to draw."""

Point = tuple[date, int]


def history_graph(title: str, points: Sequence[Point], ink: str = "other", unit: str = "") -> None:
    """One value over time, from its least to its greatest."""
    if len(points) < FEWEST:
        return
    first, last = points[0], points[-1]
    least, most = min(value for _day, value in points), max(value for _day, value in points)
    text = _("{first} on {from_day}, {last} on {to_day}").format(
        first=_number(first[1], unit), from_day=first[0], last=_number(last[1], unit), to_day=last[0]
    )
    with theme.block("graph", "figure"):
        with theme.block("graph-head", "figcaption"):
            theme.text(title, "strong")
            theme.text(_number(last[1], unit), "graph-number")
        theme.text(text, "only-heard")
        with theme.block("graph-drawing", "svg", viewBox=f"0 0 {WIDTH} {HEIGHT}", aria_hidden="true"):
            theme.box(f"graph-line {ink}", "polyline", points=_line(points, least, most))
        with theme.block("graph-foot", aria_hidden="true"):
            theme.text(str(first[0]), "ticket")
            theme.text(str(last[0]), "ticket")


def _line(points: Sequence[Point], least: int, most: int) -> str:
    start, span = points[0][0], max((points[-1][0] - points[0][0]).days, 1)
    height, width = HEIGHT - 2 * EDGE, WIDTH - 2 * EDGE
    found = []
    for day, value in points:
        x = EDGE + width * (day - start).days / span
        y = EDGE + height * (1 - (value - least) / (most - least)) if most > least else HEIGHT / 2
        found.append(f"{x:.1f},{y:.1f}")
    return " ".join(found)


def _number(value: int, unit: str) -> str:
    return f"{value:,}".replace(",", "\u202f") + unit
