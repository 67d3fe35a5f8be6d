"""The layout of a printer's home screen: set or reset (F-33, FL-291…FL-301)."""

from pydantic import BaseModel, ConfigDict, Field

from connectors.errors import Fault
from connectors.messages import N_, Message
from connectors.printers.device_answers import BLANK, HomeScreen, Layout
from steps.printer_device import managed_device
from steps.printer_work import Order, PrinterStepKind, Report, WorkFiles

MOST_ITEMS = 300
NOT_OFFERED = Fault(
    "home_screen.not_offered",
    409,
    N_("The printer has no {items} to put on its home screen."),
    N_("Install what is missing, or take it out of the layout."),
    spec="FL-293",
)
NOT_TAKEN = Fault(
    "home_screen.not_taken",
    502,
    N_("The printer shows another layout than the one that was sent."),
    N_("Update the printer's firmware and try again."),
)
ALREADY_SO = N_("The home screen was like that already.")


class SetHomeScreen(BaseModel):
    """The pages with the ids of their items, `blank` for an empty place; None: the model's own layout (FL-299)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pages: Layout | None = Field(None, max_length=MOST_ITEMS)


async def set_home_screen(order: Order, _files: WorkFiles) -> Report:
    """Read the layout, check that the printer has every item, send it and read it back.

    Raises `NOT_OFFERED` and `NOT_TAKEN`. The facts are `home_screen`.
    """
    wanted = SetHomeScreen.model_validate(order.parameters)
    async with managed_device(order) as printer:
        screen = await printer.device.home_screen()
        remarks = () if order.resumed else (Message.of(ALREADY_SO),)
        if wanted.pages is None:
            if screen.is_default:
                return _report(screen, remarks)
            return _report(await printer.device.reset_home_screen())
        pages = laid_out(wanted.pages, screen.items_per_page)
        _check_offered(pages, screen)
        if pages == screen.pages:
            return _report(screen, remarks)
        await printer.device.set_home_screen(pages)
        screen = await printer.device.home_screen()
        if screen.pages != pages:
            raise NOT_TAKEN()
        return _report(screen)


def laid_out(pages: Layout, items_per_page: int) -> Layout:
    """The pages as the printer shows them: what does not fit flows to the next page, before its items (FL-301)."""
    shown: Layout = []
    rest: list[str] = []
    for page in pages:
        items = [*rest, *page]
        shown.append(items[:items_per_page])
        rest = items[items_per_page:]
    while rest:
        shown.append(rest[:items_per_page])
        rest = rest[items_per_page:]
    return [page for page in shown if page]


def _check_offered(pages: Layout, screen: HomeScreen) -> None:
    offered = {item.id for item in screen.offered} | {BLANK}
    missing = sorted({item for page in pages for item in page} - offered)
    if missing:
        raise NOT_OFFERED(items=", ".join(missing))


def _report(screen: HomeScreen, remarks: tuple[Message, ...] = ()) -> Report:
    return Report(remarks=remarks, facts={"home_screen": screen.model_dump(mode="json")})


STEPS = (PrinterStepKind("set_home_screen", N_("Home screen"), SetHomeScreen, set_home_screen),)
