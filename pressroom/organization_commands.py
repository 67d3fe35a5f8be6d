"""`pressroom organization`: what the operator of the installation does with organizations (AC-19, AC-20)."""

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from connectors.errors import PressroomError
from domain.organizations.entitlements import Entitlement

organization_app = typer.Typer(no_args_is_help=True, help="Create, list and set organizations.")
console = Console()
MayHaveChildren = Annotated[
    bool | None,
    typer.Option("--may-have-children/--no-children", help="Whether it may have customer organizations."),
]


@organization_app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Name of the organization: letters, digits and spaces.")],
    administrator: Annotated[str, typer.Option(help="E-mail address of its first administrator.")],
    person: Annotated[str, typer.Option(help="The administrator's name.")] = "",
    may_have_children: MayHaveChildren = False,
) -> None:
    """Make an organization of the first level with its administrator, whose password is shown once."""
    from domain.organizations.service import local_administrator
    from domain.people.first_level import create_first_level

    try:
        password = create_first_level(
            local_administrator(), name, administrator, person, may_have_children=bool(may_have_children)
        )
    except PressroomError as error:
        raise _told(error) from error
    console.print(f"Created “{escape(name)}”. {escape(administrator)} signs in with the password [bold]{password}[/]")


@organization_app.command("list")
def list_all() -> None:
    """Every organization of the installation."""
    from domain.organizations.service import local_administrator
    from domain.people.first_level import list_all_organizations

    table = Table("Name", "Partner", "State", "Customers", "Services", "Id")
    try:
        for one in list_all_organizations(local_administrator()):
            children = "allowed" if one.may_have_children else ""
            services = ", ".join(one.entitlements)
            table.add_row(escape(one.name), escape(one.parent_name), one.status, children, services, one.id)
    except PressroomError as error:
        raise _told(error) from error
    console.print(table)


@organization_app.command("set")
def set_one(
    organization: Annotated[str, typer.Argument(help="Id of an organization, or the name of one of the first level.")],
    may_have_children: MayHaveChildren = None,
    add: Annotated[list[Entitlement] | None, typer.Option(help="A service to add.")] = None,
    remove: Annotated[
        list[Entitlement] | None, typer.Option(help="A service to take, even one given for good.")
    ] = None,
) -> None:
    """Allow customers, and add or take services."""
    from domain.organizations.service import local_administrator
    from domain.people.first_level import set_installed

    try:
        set_installed(
            local_administrator(), organization, may_have_children=may_have_children, add=add or (), remove=remove or ()
        )
    except PressroomError as error:
        raise _told(error) from error
    console.print("Set.")


@organization_app.command("diagnostics")
def diagnostics(
    organization: Annotated[str, typer.Argument(help="Id or name of a partner, or of an organization without one.")],
    enabled: Annotated[bool, typer.Option("--on/--off", help="Whether diagnostic events are made.")] = True,
) -> None:
    """Have diagnostic events made of alerts of its printers and of its customers' printers, or no longer."""
    from domain.organizations.service import local_administrator
    from fleet.diagnostics.service import switch_diagnostics

    try:
        name = switch_diagnostics(local_administrator(), organization, enabled=enabled)
    except PressroomError as error:
        raise _told(error) from error
    console.print(f"Diagnostic events of “{escape(name)}” are {'on' if enabled else 'off'}.")


def _told(error: PressroomError) -> typer.Exit:
    console.print(f"[bold red]{escape(error.message)}[/]\n{escape(error.remedy)}\n[dim]{error.code}[/]")
    return typer.Exit(1)
