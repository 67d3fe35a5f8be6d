"""A home screen in the making: every command of section 21, over the borders of its pages (FL-293…FL-301)."""

import pytest

from portal_api.pages.home_screen_draft import HomeScreenDraft

NAMES = {"copy": "Copy", "fax": "Fax", "scan": "Scan", "mail": "E-mail", "usb": "USB drive", "settings": "Settings"}


def draft(pages: str, chosen: tuple[int, int] | None = None) -> HomeScreenDraft:
    """Pages of three items, written as `copy fax | scan`."""
    return HomeScreenDraft([page.split() for page in pages.split("|")], 3, NAMES, chosen)


def shown(one: HomeScreenDraft) -> str:
    return " | ".join(" ".join(page) for page in one.pages)


def chosen(one: HomeScreenDraft) -> str:
    page, position = one.here
    return one.pages[page][position]


@pytest.mark.parametrize(
    ("pages", "place", "by", "expected"),
    [
        ("copy fax scan", (0, 0), 1, "fax copy scan"),
        ("copy fax scan", (0, 2), -1, "copy scan fax"),
        ("copy fax scan", (0, 0), -1, "copy fax scan"),
        ("copy fax scan", (0, 2), 1, "copy fax scan"),
        ("copy fax scan | mail", (0, 2), 1, "copy fax | scan mail"),
        ("copy fax scan | mail", (1, 0), -1, "copy fax mail | scan"),
        ("copy fax | mail", (1, 0), -1, "copy fax mail"),
    ],
)
def test_an_item_goes_up_and_down_over_the_borders_of_pages(
    pages: str, place: tuple[int, int], by: int, expected: str
) -> None:
    """FL-294."""
    one = draft(pages, place)
    item = chosen(one)
    one.move(by)
    assert (shown(one), chosen(one)) == (expected, item)


@pytest.mark.parametrize(
    ("pages", "place", "page", "expected"),
    [
        ("copy fax scan | mail", (0, 0), 1, "fax scan | mail copy"),
        ("copy | mail usb settings", (0, 0), 1, "mail usb copy | settings"),
        ("copy fax scan", (0, 1), 1, "copy scan | fax"),
        ("copy fax | mail", (1, 0), 0, "copy fax mail"),
    ],
)
def test_an_item_lands_at_the_bottom_of_another_page(
    pages: str, place: tuple[int, int], page: int, expected: str
) -> None:
    """FL-295."""
    one = draft(pages, place)
    item = chosen(one)
    one.to_page(page)
    assert (shown(one), chosen(one)) == (expected, item)


@pytest.mark.parametrize(("first", "expected"), [(True, "fax copy scan"), (False, "copy scan fax")])
def test_an_item_goes_to_the_first_and_the_last_place_of_its_page(first: bool, expected: str) -> None:
    one = draft("copy fax scan", (0, 1))
    one.to_end(first=first)
    assert (shown(one), chosen(one)) == (expected, "fax")


@pytest.mark.parametrize(
    ("pages", "place", "item", "expected"),
    [
        ("copy fax", None, "scan", "copy fax scan"),
        ("copy fax scan", None, "mail", "copy fax scan | mail"),
        ("copy fax scan | mail", (0, 0), "usb", "copy fax scan | usb mail"),
        ("copy fax", (0, 0), "blank", "copy fax blank"),
        ("", None, "copy", "copy"),
    ],
)
def test_what_is_added_stands_at_the_end_of_the_page_and_flows_to_the_next(
    pages: str, place: tuple[int, int] | None, item: str, expected: str
) -> None:
    """FL-293, FL-296, FL-301."""
    one = draft(pages, place)
    one.add(item)
    assert (shown(one), chosen(one)) == (expected, item)


def test_what_is_hidden_can_be_added_again() -> None:
    """FL-297."""
    one = draft("copy fax | scan", (1, 0))
    one.hide()
    assert (shown(one), one.chosen) == ("copy fax", None)
    assert one.hidden == ["mail", "scan", "settings", "usb"]


def test_pages_of_another_model_flow_at_once() -> None:
    assert shown(draft("copy fax scan mail usb | settings")) == "copy fax scan | mail usb settings"
