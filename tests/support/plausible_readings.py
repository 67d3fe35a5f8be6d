"""What holds of every reading, however a printer answered."""

from connectors.printers.reading import READING_JSON, PrinterReading, Unit

LARGEST = 1 << 63


def assert_plausible(found: PrinterReading) -> None:
    """Nothing that could not be true; and it can be sent and kept."""
    assert READING_JSON.validate_python(READING_JSON.dump_python(found, mode="json")).read_at == found.read_at
    for part in (*found.supplies, *found.trays):
        assert part.percent is None or 0 <= part.percent <= 100, part
        assert part.capacity is None or part.capacity > 0, part
        assert part.level is None or part.level >= 0, part
        assert part.unit in set(Unit)
    assert all(0 <= count < LARGEST for count in found.counters.values())
    identity = found.identity
    texts = [identity.manufacturer, identity.model, identity.serial_number, identity.location, identity.description]
    texts += [supply.description for supply in found.supplies] + [tray.name for tray in found.trays]
    texts += [alert.text for alert in found.alerts] + list(found.status.console)
    assert all(text.isprintable() for text in texts), texts
    assert identity.pages_per_minute is None or 0 < identity.pages_per_minute < 10_000
    assert len({supply.key for supply in found.supplies}) == len(found.supplies)
