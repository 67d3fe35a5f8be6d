"""What a print policy makes of a job, and when it lets people print: every rule by itself, and what always holds."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.errors import PressroomError
from connectors.ipp.ticket import JobTicket
from domain.print_policies.rules import (
    DuplexRule,
    DuplexScope,
    JobFacts,
    MonochromeRule,
    PolicyRules,
    apply_policy,
    check_schedule,
)
from domain.print_policies.schedule import Day, Schedule, Window

STOCKHOLM = ZoneInfo("Europe/Stockholm")
LONG, SHORT, ONE = "two-sided-long-edge", "two-sided-short-edge", "one-sided"
UPLOADED = JobFacts("letter.pdf", 3, is_color=True)
"""A job that was uploaded counts as colour and simplex (PR-93)."""
NOTHING = JobTicket()


def chosen(job: JobFacts, changes: JobTicket) -> JobFacts:
    """The job with what was changed at its release."""
    return replace(job, chosen=changes.over(job.chosen))


def mono(pages: int = 1) -> PolicyRules:
    return PolicyRules(monochrome=MonochromeRule(min_pages=pages))


def duplex(mono_pages: int | None = 1, color_pages: int | None = 1, binding: str = "long-edge") -> PolicyRules:
    scopes = {
        "monochrome": None if mono_pages is None else DuplexScope(min_pages=mono_pages),
        "color": None if color_pages is None else DuplexScope(min_pages=color_pages),
    }
    return PolicyRules(duplex=DuplexRule.model_validate({"binding": binding, **scopes}))


@pytest.mark.parametrize(
    ("rules", "job", "changes", "color_mode", "sides", "forced"),
    [
        pytest.param(PolicyRules(), UPLOADED, NOTHING, None, None, (), id="nothing is restricted"),
        pytest.param(mono(), UPLOADED, NOTHING, "monochrome", None, ("color_mode",), id="all jobs in monochrome"),
        pytest.param(mono(4), UPLOADED, NOTHING, None, None, (), id="three pages are fewer than four"),
        pytest.param(mono(3), UPLOADED, NOTHING, "monochrome", None, ("color_mode",), id="three pages are three"),
        pytest.param(mono(4), UPLOADED, JobTicket(copies=2), None, None, (), id="copies are no pages (PR-92)"),
        pytest.param(
            mono(), UPLOADED, JobTicket(color_mode="color"), "monochrome", None, ("color_mode",), id="colour insisted"
        ),
        pytest.param(
            mono(), UPLOADED, JobTicket(color_mode="monochrome"), "monochrome", None, (), id="monochrome was chosen"
        ),
        pytest.param(
            mono(), replace(UPLOADED, is_color=False), NOTHING, "monochrome", None, (), id="was monochrome already"
        ),
        pytest.param(duplex(), UPLOADED, NOTHING, None, LONG, ("sides",), id="all jobs in duplex"),
        pytest.param(duplex(binding="short-edge"), UPLOADED, NOTHING, None, SHORT, ("sides",), id="short edge"),
        pytest.param(duplex(), UPLOADED, JobTicket(sides=LONG), None, LONG, (), id="duplex was chosen"),
        pytest.param(duplex(), UPLOADED, JobTicket(sides=SHORT), None, LONG, ("sides",), id="the other binding"),
        pytest.param(duplex(), UPLOADED, JobTicket(sides=ONE), None, LONG, ("sides",), id="simplex insisted on"),
        pytest.param(duplex(), replace(UPLOADED, sides=LONG), NOTHING, None, LONG, (), id="came in duplex"),
        pytest.param(duplex(1, None), UPLOADED, NOTHING, None, None, (), id="monochrome jobs only"),
        pytest.param(
            duplex(1, None), UPLOADED, JobTicket(color_mode="monochrome"), "monochrome", LONG, ("sides",),
            id="monochrome chosen makes it a monochrome job",
        ),
        pytest.param(duplex(None), replace(UPLOADED, is_color=False), NOTHING, None, None, (), id="colour jobs only"),
        pytest.param(duplex(9, 3), UPLOADED, NOTHING, None, LONG, ("sides",), id="two minima, colour reached"),
        pytest.param(
            duplex(9, 3), replace(UPLOADED, is_color=False), NOTHING, None, None, (), id="two minima, monochrome not"
        ),
        pytest.param(
            PolicyRules(monochrome=MonochromeRule(), duplex=duplex(1, None).duplex),
            UPLOADED, NOTHING, "monochrome", LONG, ("color_mode", "sides"), id="monochrome first, then duplex (PR-101)",
        ),
        pytest.param(
            PolicyRules(monochrome=MonochromeRule(), duplex=duplex(None, 1).duplex),
            UPLOADED, NOTHING, "monochrome", None, ("color_mode",), id="no colour job is left for duplex",
        ),
        pytest.param(mono(3), UPLOADED, JobTicket(page_ranges="1"), "monochrome", None, ("color_mode",),
                     id="pages are those of the document, whichever are chosen"),
    ],
)  # fmt: skip
def test_what_becomes_of_a_job(
    rules: PolicyRules,
    job: JobFacts,
    changes: JobTicket,
    color_mode: str | None,
    sides: str | None,
    forced: tuple[str, ...],
) -> None:
    """PR-88, PR-92, PR-93."""
    outcome = apply_policy(rules, chosen(job, changes))
    assert (outcome.ticket.color_mode, outcome.ticket.sides) == (color_mode, sides)
    assert tuple(each.setting for each in outcome.forced) == forced
    assert outcome.is_color is (job.is_color and color_mode != "monochrome")


def test_what_was_forced_says_why() -> None:
    (forced,) = apply_policy(mono(), UPLOADED).forced
    assert str(forced.reason) == "The print policy allows black and white only for a job of 3 pages."


def test_a_printer_without_colour_makes_monochrome_jobs_for_the_policy_too() -> None:
    """Told only to whoever has asked for colour."""
    outcome = apply_policy(duplex(1, None), UPLOADED, printer_has_color=False)
    assert (outcome.ticket.color_mode, outcome.ticket.sides, outcome.is_color) == ("monochrome", LONG, False)
    asked = apply_policy(PolicyRules(), chosen(UPLOADED, JobTicket(color_mode="color")), printer_has_color=False)
    assert [(one.setting, str(one.reason)) for one in asked.forced] == [("color_mode", "The printer has no colour.")]


def test_a_page_maximum_is_off_unless_it_is_set() -> None:
    with pytest.raises(PressroomError, match="too_many_pages"):
        apply_policy(PolicyRules(max_pages=2), UPLOADED)
    assert apply_policy(PolicyRules(max_pages=3), chosen(UPLOADED, JobTicket(copies=50))).forced == ()


sides = st.sampled_from([None, ONE, LONG, SHORT])
modes = st.sampled_from([None, "auto", "color", "monochrome"])
tickets = st.builds(JobTicket, copies=st.integers(1, 999) | st.none(), sides=sides, color_mode=modes)
pages = st.integers(1, 30)
scopes = st.builds(DuplexScope, min_pages=pages) | st.none()
duplex_rules = st.tuples(scopes, scopes, st.sampled_from(["long-edge", "short-edge"])).filter(lambda one: any(one[:2]))
policies = st.builds(
    PolicyRules,
    monochrome=st.builds(MonochromeRule, min_pages=pages) | st.none(),
    duplex=duplex_rules.map(lambda one: DuplexRule(monochrome=one[0], color=one[1], binding=one[2])) | st.none(),
)
jobs = st.builds(
    JobFacts, st.just("x.pdf"), pages, is_color=st.booleans(), sides=st.sampled_from([ONE, LONG]), chosen=tickets
)


@given(policies, jobs, tickets)
def test_nobody_undoes_a_policy_by_what_they_choose(rules: PolicyRules, job: JobFacts, changes: JobTicket) -> None:
    outcome = apply_policy(rules, chosen(job, changes))
    if rules.monochrome is not None and job.pages >= rules.monochrome.min_pages:
        assert (outcome.ticket.color_mode, outcome.is_color) == ("monochrome", False)
    if rules.duplex is not None and rules.duplex.applies(job.pages, is_color=outcome.is_color):
        assert outcome.ticket.sides == rules.duplex.sides
    assert outcome.ticket.copies == changes.over(job.chosen).copies
    assert all(getattr(outcome.ticket, each.setting) == each.value != each.chosen for each in outcome.forced)


@given(policies, jobs, tickets, st.integers(1, 999))
def test_copies_never_count_as_pages(rules: PolicyRules, job: JobFacts, changes: JobTicket, copies: int) -> None:
    one, many = (apply_policy(rules, chosen(job, changes.model_copy(update={"copies": each}))) for each in (1, copies))
    assert (one.is_color, one.forced, one.ticket.sides) == (many.is_color, many.forced, many.ticket.sides)


@given(policies, jobs, tickets)
def test_a_policy_applied_twice_changes_nothing_more(rules: PolicyRules, job: JobFacts, changes: JobTicket) -> None:
    once = apply_policy(rules, chosen(job, changes))
    assert apply_policy(rules, chosen(job, once.ticket)).ticket == once.ticket


def window(start: str, end: str) -> Window:
    return Window(start=time.fromisoformat(start), end=time.fromisoformat(end))


OFFICE = Schedule(shape="monday_to_friday", window=window("08:00", "17:00"))
NIGHT = Schedule(shape="monday_to_friday", window=window("22:00", "06:00"))
WHOLE_DAY = Schedule(shape="custom", days={Day.SUNDAY: window("00:00", "23:59")})
MIXED = Schedule(shape="custom", days={Day.MONDAY: window("09:00", "10:00"), Day.SATURDAY: window("20:00", "02:00")})


@pytest.mark.parametrize(
    ("schedule", "local", "is_open", "opening"),
    [
        (OFFICE, "2026-11-25T08:00", True, "2026-11-25T08:00"),
        (OFFICE, "2026-11-25T07:59", False, "2026-11-25T08:00"),
        (OFFICE, "2026-11-25T17:00:59", True, "2026-11-25T17:00:59"),
        (OFFICE, "2026-11-25T17:01", False, "2026-11-26T08:00"),
        (OFFICE, "2026-11-27T18:00", False, "2026-11-30T08:00"),
        (NIGHT, "2026-11-27T23:00", True, "2026-11-27T23:00"),
        (NIGHT, "2026-11-28T05:59", True, "2026-11-28T05:59"),
        (NIGHT, "2026-11-28T06:01", False, "2026-11-30T22:00"),
        (NIGHT, "2026-11-29T23:00", False, "2026-11-30T22:00"),
        (NIGHT, "2026-11-30T05:00", False, "2026-11-30T22:00"),
        (WHOLE_DAY, "2026-11-29T23:59:30", True, "2026-11-29T23:59:30"),
        (WHOLE_DAY, "2026-11-30T00:00", False, "2026-12-06T00:00"),
        (MIXED, "2026-11-29T01:30", True, "2026-11-29T01:30"),
        (MIXED, "2026-11-29T02:01", False, "2026-11-30T09:00"),
        (MIXED, "2026-11-30T10:01", False, "2026-12-05T20:00"),
        (Schedule(window=window("00:00", "23:59")), "2026-03-29T02:30", True, "2026-03-29T02:30"),
        # Clocks skip 02:00 to 03:00 on that night: the window of that hour and more opens at 03:00.
        (Schedule(window=window("02:30", "05:00")), "2026-03-29T01:59", False, "2026-03-29T03:00"),
        (Schedule(window=window("02:10", "02:50")), "2026-03-29T01:59", False, "2026-03-30T02:10"),
        (Schedule(window=window("02:10", "02:20")), "2026-10-25T02:00", False, "2026-10-25T02:10"),
    ],
)
def test_when_printing_is_allowed(schedule: Schedule, local: str, is_open: bool, opening: str) -> None:
    """PR-88, PR-90: shapes of a schedule, and windows that end on the following day."""
    moment = datetime.fromisoformat(local).replace(tzinfo=STOCKHOLM)
    assert schedule.is_open(moment, STOCKHOLM) is is_open
    found = schedule.next_opening(moment, STOCKHOLM)
    assert found == datetime.fromisoformat(opening).replace(tzinfo=STOCKHOLM).astimezone(UTC)


def test_an_hour_that_comes_twice_opens_twice() -> None:
    schedule = Schedule(window=window("02:10", "02:20"))
    between = datetime(2026, 10, 25, 2, 40, tzinfo=STOCKHOLM).astimezone(UTC)
    opening = schedule.next_opening(between, STOCKHOLM)
    assert opening - between == timedelta(minutes=30)
    assert opening.astimezone(STOCKHOLM).fold == 1


def test_the_printers_time_counts_and_the_refusal_names_the_next_opening_in_it() -> None:
    rules = PolicyRules(schedule=OFFICE)
    moment = datetime(2026, 11, 25, 7, 30, tzinfo=UTC)
    check_schedule(rules, moment, STOCKHOLM)  # 08:30 there
    with pytest.raises(PressroomError, match="schedule_closed") as refused:
        check_schedule(rules, moment, ZoneInfo("America/New_York"))
    assert refused.value.facts["opening"] == "2026-11-25 08:00"
    check_schedule(PolicyRules(), moment, ZoneInfo("America/New_York"))


@pytest.mark.parametrize(
    "bad",
    [
        {"shape": "all_days"},
        {"shape": "all_days", "window": {"start": "08:00", "end": "08:00"}},
        {"shape": "custom", "days": {}},
        {"shape": "custom", "window": {"start": "08:00", "end": "09:00"}},
        {"shape": "monday_to_friday", "window": {"start": "08:00:10", "end": "09:00"}},
    ],
)
def test_a_schedule_that_says_nothing_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Schedule.model_validate(bad)


minutes = st.integers(0, 1439).map(lambda each: time(each // 60, each % 60))
windows = (
    st.tuples(minutes, minutes).filter(lambda one: one[0] != one[1]).map(lambda one: Window(start=one[0], end=one[1]))
)
schedules = st.one_of(
    st.builds(lambda one: Schedule(shape="all_days", window=one), windows),
    st.builds(lambda one: Schedule(shape="monday_to_friday", window=one), windows),
    st.builds(
        lambda days: Schedule(shape="custom", days=days), st.dictionaries(st.sampled_from(Day), windows, min_size=1)
    ),
)
zones = st.sampled_from(["UTC", "Europe/Stockholm", "America/Havana", "Asia/Kathmandu", "Australia/Lord_Howe"])
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 700 * 86400).map(lambda seconds: FIRST + timedelta(seconds=seconds))


@given(schedules, zones.map(ZoneInfo), moments, st.floats(0, 1, exclude_max=True))
def test_nothing_is_open_between_a_closed_moment_and_the_next_opening(
    schedule: Schedule, zone: ZoneInfo, moment: datetime, share: float
) -> None:
    assume(not schedule.is_open(moment, zone))
    opening = schedule.next_opening(moment, zone)
    assert moment < opening <= moment + timedelta(days=15)
    assert schedule.is_open(opening, zone)
    assert not schedule.is_open(min(moment + (opening - moment) * share, opening - timedelta(seconds=1)), zone)


@given(schedules, moments)
def test_windows_over_midnight_belong_to_the_day_they_begin_on(schedule: Schedule, moment: datetime) -> None:
    """Checked against the plain reading: minutes since the window's own day began."""
    expected = False
    for days_ago in (0, 1):
        day = moment.date() - timedelta(days=days_ago)
        if (found := schedule.window_of(day)) is None:
            continue
        since = int((moment - datetime.combine(day, time(), UTC)).total_seconds() // 60)
        start, end = (each.hour * 60 + each.minute for each in (found.start, found.end))
        expected |= start <= since <= (end if end > start else end + 1440)
    assert schedule.is_open(moment, ZoneInfo("UTC")) is expected
