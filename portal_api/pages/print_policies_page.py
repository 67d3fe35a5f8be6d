"""Print policies, and to whom they are assigned (PR-87…PR-100)."""

from connectors.messages import N_
from domain.organizations.permissions import Permission
from domain.print_policies.subject import POLICIES
from portal_api.pages.frame import portal_page
from portal_api.pages.widgets.print_assignments import AssignmentsPage, AssignmentTexts
from portal_api.pages.widgets.print_definitions import DefinitionsPage, DefinitionTexts
from portal_api.pages.widgets.print_policy_form import PolicyForm, policy_summary

TEXTS = DefinitionTexts(
    title=N_("Print policies"),
    hint=N_("What people's jobs become when they are released, and when they may print."),
    new=N_("Create a print policy"),
    default=N_("Default print policy"),
    default_hint=N_("For everybody without another"),
    empty=N_("There is no print policy besides the default."),
    delete_hint=N_("Only policies that are assigned to nobody can be deleted."),
    icon="policy",
)
ASSIGNMENT_TEXTS = AssignmentTexts(
    title=N_("Print policy assignments"),
    hint=N_("A personal policy replaces that of the group, and that the default."),
    definition=N_("Print policy assigned"),
    filter_all=N_("All policies"),
    remove=N_("Remove policy"),
    remove_hint=N_("What comes next in order holds from then on: the group's, or the default."),
    nothing_defined=N_("There is no print policy to assign yet."),
    definitions_address="/print/policies",
)


@portal_page("/print/policies", N_("Print policies"), Permission.PRINT_SETTINGS_MANAGE, "print-policies")
async def print_policies() -> None:
    """The policies."""
    await DefinitionsPage(POLICIES, TEXTS, policy_summary, PolicyForm).build()


@portal_page(
    "/print/policy-assignments",
    N_("Print policy assignments"),
    Permission.PRINT_SETTINGS_MANAGE,
    "print-policy-assignments",
)
async def print_policy_assignments() -> None:
    """To whom they are assigned."""
    await AssignmentsPage(POLICIES, ASSIGNMENT_TEXTS, policy_summary).build()
