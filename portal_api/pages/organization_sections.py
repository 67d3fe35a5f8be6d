"""Further settings of the organization, each a sheet of its own on the organization's page.

A module that looks after some settings adds a section and names itself in `PAGES`:

    @organization_section("sign-in", Permission.ORGANIZATION_MANAGE)
    async def sign_in_section() -> None:
        …
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from domain.organizations.permissions import Permission

Build = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Section:
    """One sheet: its name, which is its anchor too, what it takes to see it, and what lays it out."""

    name: str
    permission: Permission
    build: Build


SECTIONS: list[Section] = []
"""In the order in which their modules are named in `PAGES`."""


def organization_section(name: str, permission: Permission) -> Callable[[Build], Build]:
    """Decorator of what lays a section out."""

    def decorate(build: Build) -> Build:
        SECTIONS.append(Section(name, permission, build))
        return build

    return decorate
