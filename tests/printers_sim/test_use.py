"""A simulated office at work: counters rise, toner falls, and what runs out is seen to."""

from printers_sim.printer import Condition, make_printer
from printers_sim.profile import profiles
from printers_sim.use import MENDED_AFTER_TICKS, OfficeUse

ANY = next(iter(profiles().values()))


def test_printers_print_about_as_much_as_asked() -> None:
    printers = [make_printer(number, ANY) for number in range(20)]
    before = [printer.life_count for printer in printers]
    use = OfficeUse(printers, pages_per_hour=600)
    for _ in range(1800):
        use.tick()
    printed = sum(printer.life_count for printer in printers) - sum(before)
    assert all(printer.life_count > count for printer, count in zip(printers, before, strict=True))
    assert 0.5 * 20 * 600 < printed < 1.5 * 20 * 600


def test_idle_printers_stay_as_they_are() -> None:
    printer = make_printer(0, ANY)
    use = OfficeUse([printer], pages_per_hour=0)
    before = (printer.life_count, printer.changes)
    for _ in range(100):
        use.tick()
    assert (printer.life_count, printer.changes) == before


def test_an_empty_tray_is_filled_after_a_while() -> None:
    printer = make_printer(0, ANY)
    printer.raise_condition(Condition.TRAY_EMPTY, 1)
    use = OfficeUse([printer], pages_per_hour=0)
    for _ in range(MENDED_AFTER_TICKS - 1):
        use.tick()
    assert any(alert.condition is Condition.TRAY_EMPTY for alert in printer.alerts)
    use.tick()
    assert not any(alert.condition is Condition.TRAY_EMPTY for alert in printer.alerts)
