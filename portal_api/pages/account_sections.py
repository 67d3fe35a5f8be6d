"""The sections of the page “My account”: each part of the product adds its own (AC-32).

    @account_section("printer-login", N_("Printer login"), 30, Permission.OWN_PIN)
    async def printer_login() -> None:
        theme.text(…)

Sections are shown in the order of their numbers, to whom the permission is given and whom they concern (`applies`, a
service). The module is named in `portal_api.pages.PAGES`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission

Build = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class AccountSection:
    """One section; `name` is its anchor in the page's address, `title` a template."""

    name: str
    title: str
    order: int
    permission: Permission
    applies: Callable[[Actor], bool] | None
    build: Build


_sections: dict[str, AccountSection] = {}


def account_section(
    name: str,
    title: str,
    order: int,
    permission: Permission = Permission.OWN_ACCOUNT,
    applies: Callable[[Actor], bool] | None = None,
) -> Callable[[Build], Build]:
    """Decorator of a section's builder."""

    def add(build: Build) -> Build:
        _sections[name] = AccountSection(name, title, order, permission, applies, build)
        return build

    return add


def account_sections() -> list[AccountSection]:
    """Every section, in order."""
    return sorted(_sections.values(), key=lambda section: (section.order, section.name))
