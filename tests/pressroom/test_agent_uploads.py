"""FL-15: what is news to the cloud, and what is not; FL-597: after 24 hours everything is."""

from typing import Any

import pytest

from pressroom.agent.uploads import EVERY_SECONDS, UploadRule
from steps.printer_work import Outcome, Report

TONER = {"key": "1", "kind": "toner", "percent": 50}
DRUM = {"key": "2", "kind": "photoconductor", "percent": 50}
JAM = {"severity": "error", "text": "Paper jam", "group": "mediaPath", "place": 1}


def reading(life: int = 100, toner: int = 50, drum: int = 50, alerts: tuple[dict[str, Any], ...] = ()) -> Report:
    supplies = [{**TONER, "percent": toner}, {**DRUM, "percent": drum}]
    return Report(facts={"reading": {"counters": {"life": life}, "supplies": supplies, "alerts": list(alerts)}})


CASES = [
    ("a page count alone", reading(life=900), 60, False),
    ("nothing", reading(), 60, False),
    ("toner fell", reading(toner=49), 60, True),
    ("toner was replaced", reading(toner=100), 60, False),
    ("another supply fell", reading(drum=10), 60, False),
    ("an alert came", reading(alerts=(JAM,)), 60, True),
    ("a day has passed", reading(), EVERY_SECONDS, True),
    ("the printer fell silent", Report(outcome=Outcome.NOT_COMMUNICATING), 60, True),
]


@pytest.mark.parametrize(("what", "report", "later", "is_news"), CASES, ids=[case[0] for case in CASES])
def test_what_is_uploaded(what: str, report: Report, later: float, is_news: bool) -> None:
    rule = UploadRule()
    assert rule.is_news("p", reading(), 0)
    rule.uploaded("p", reading(), 0)
    assert rule.is_news("p", report, later) is is_news


def test_an_alert_that_goes_is_news_too() -> None:
    rule = UploadRule()
    rule.uploaded("p", reading(alerts=(JAM,)), 0)
    assert rule.is_news("p", reading(), 60)


def test_what_the_cloud_has_not_taken_stays_news() -> None:
    rule = UploadRule()
    assert rule.is_news("p", reading(), 0)
    assert rule.is_news("p", reading(), 60)
