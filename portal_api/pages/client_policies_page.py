"""Client policies, and to whom they are assigned (section 29)."""

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.print_clients.subject import CLIENT_POLICIES
from portal_api.pages.frame import portal_page
from portal_api.pages.widgets.client_policy_form import ClientPolicyForm, client_policy_summary
from portal_api.pages.widgets.print_assignments import AssignmentsPage, AssignmentTexts
from portal_api.pages.widgets.print_definitions import DefinitionsPage, DefinitionTexts

TEXTS = DefinitionTexts(
    title=N_("Client policies"),
    hint=N_("Which version the agents of workstations keep to, and when they change to it."),
    new=N_("Create a client policy"),
    default=N_("Default client policy"),
    default_hint=N_("For workstations without another"),
    empty=N_("There is no client policy besides the default."),
    delete_hint=N_("Only policies that nothing uses can be deleted."),
    icon="system_update_alt",
    is_default_chosen=True,
)
ASSIGNMENT_TEXTS = AssignmentTexts(
    title=N_("Client policy assignments"),
    hint=N_("What is assigned to a workstation comes first, then the personal policy, the group's, and the default."),
    definition=N_("Client policy assigned"),
    filter_all=N_("All policies"),
    remove=N_("Remove policy"),
    remove_hint=N_("What comes next in order holds from then on: the group's, or the default."),
    nothing_defined=N_("There is no client policy to assign yet."),
    definitions_address="/print/client-policies",
)


@portal_page("/print/client-policies", N_("Client policies"), Permission.PRINT_PACKAGES_MANAGE, "client-policies")
async def client_policies() -> None:
    """The policies."""
    await DefinitionsPage(CLIENT_POLICIES, TEXTS, client_policy_summary, ClientPolicyForm).build()


@portal_page(
    "/print/client-policy-assignments",
    N_("Client policy assignments"),
    Permission.PRINT_PACKAGES_MANAGE,
    "client-policy-assignments",
)
async def client_policy_assignments() -> None:
    """To whom they are assigned."""
    await AssignmentsPage(CLIENT_POLICIES, ASSIGNMENT_TEXTS, client_policy_summary).build()
