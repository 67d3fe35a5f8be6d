"""The API as an application of its own, so that an unknown address under /api/v1 is answered by the API, not a page."""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from connectors.database import UNREACHABLE
from connectors.errors import INTERNAL
from domain.organizations.actor import ACCOUNT_ENDED, OUT_OF_SCOPE, PERSON_NEEDED, ROLE_MISSING
from domain.sign_in.sessions import SIGN_IN_NEEDED
from portal_api.access import permission_of
from portal_api.api import (
    access_groups,
    agent_packages,
    agents,
    applications,
    audit_events,
    authentication_provider,
    badges,
    camera_scans,
    catalogues,
    client_policies,
    configurations,
    credentials,
    delivery_contacts,
    distributions,
    documents,
    enrolment_tool,
    feedback,
    filter_groups,
    firmware,
    fleet_notifications,
    fleet_schedules,
    fleet_task_previews,
    fleet_tasks,
    groups,
    managed_supplies,
    organization,
    organization_information,
    organizations,
    own_data,
    own_identity,
    own_printer_login,
    own_sign_in,
    panel_apps,
    panel_runs,
    password_resets,
    phone_codes,
    phone_stickers,
    print_assignments,
    print_clients,
    print_credentials,
    print_delegates,
    print_guests,
    print_job_evaluation,
    print_jobs,
    print_mailbox,
    print_nodes,
    print_packages,
    print_policies,
    print_quotas,
    print_releases,
    print_report_schedules,
    print_reports,
    print_settings,
    printer_login,
    printer_logs,
    printer_release,
    printer_sign_in,
    printer_tags,
    printer_views,
    printers,
    quota_reports,
    quotas,
    resources,
    run_drafts,
    run_events,
    runs,
    scan_destinations,
    scan_settings,
    sessions,
    sign_in_rules,
    solution_center,
    solutions,
    speed_upgrades,
    storage_accounts,
    supplies_desk,
    tasks,
    translations,
    universal_print,
    unknown_badges,
    user_files,
    users,
    what_works,
    workplaces,
)
from portal_api.problems import BAD_REQUEST, UNREADABLE, Problem, answer_with_problems, documented
from portal_api.protection import BODY_TOO_LARGE, CROSS_ORIGIN

DESCRIPTION = """\
Compose solutions, run them on documents, watch the runs and fetch what they produce.

Sign in with `POST /sessions`, make a personal token with `POST /me/tokens`, or get an access token for a client
application with `POST /oauth/token` (OAuth 2 client credentials, at the root of the portal); send it as
`Authorization: Bearer …`. What an operation takes is told by its
`x-permission`. A partner's program names the customer organization that it works in by the header
`Pressroom-Organization`. Every error is a problem by RFC 9457 with
a stable `code`, a `detail` and a `remedy` in the language of the Accept-Language header.
"""
ROUTERS: tuple[APIRouter, ...] = tuple(
    module.router
    for module in (
        sessions,
        password_resets,
        own_sign_in,
        credentials,
        organization,
        organization_information,
        organizations,
        access_groups,
        workplaces,
        sign_in_rules,
        applications,
        authentication_provider,
        own_identity,
        catalogues,
        solutions,
        runs,
        run_events,
        documents,
        translations,
        storage_accounts,
        scan_settings,
        scan_destinations,
        print_credentials,
        print_jobs,
        print_job_evaluation,
        print_nodes,
        print_settings,
        universal_print,
        client_policies,
        print_clients,
        print_assignments,
        print_packages,
        print_report_schedules,
        print_reports,
        print_policies,
        print_quotas,
        print_releases,
        fleet_tasks,
        fleet_task_previews,
        feedback,
        filter_groups,
        printer_views,
        printer_tags,
        printers,
        quotas,
        quota_reports,
        distributions,
        printer_login,
        printer_sign_in,
        printer_release,
        solution_center,
        run_drafts,
        panel_runs,
        badges,
        unknown_badges,
        camera_scans,
        own_printer_login,
        phone_codes,
        phone_stickers,
        tasks,
        audit_events,
        user_files,
        users,
        what_works,
        groups,
        own_data,
        print_delegates,
        print_guests,
        print_mailbox,
        fleet_schedules,
        fleet_notifications,
        agent_packages,
        agents,
        enrolment_tool,
        configurations,
        resources,
        firmware,
        panel_apps,
        printer_logs,
        speed_upgrades,
        delivery_contacts,
        managed_supplies,
        supplies_desk,
    )
)

ANYWHERE = (
    UNREADABLE,
    SIGN_IN_NEEDED,
    ACCOUNT_ENDED,
    ROLE_MISSING,
    OUT_OF_SCOPE,
    PERSON_NEEDED,
    CROSS_ORIGIN,
    BODY_TOO_LARGE,
    BAD_REQUEST,
    INTERNAL,
    UNREACHABLE,
)
"""What any operation may be answered with."""


def create_api() -> FastAPI:
    """The API application, to be mounted at /api/v1."""
    api = FastAPI(
        title="Pressroom API",
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        responses=documented(*ANYWHERE),
        separate_input_output_schemas=False,
        servers=[{"url": "/api/v1"}],
        root_path_in_servers=False,
    )
    for router in ROUTERS:
        api.include_router(router)
    answer_with_problems(api)
    api.openapi = lambda: _description(api)  # type: ignore[method-assign]
    return api


def _description(api: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the one problem model that all errors share."""
    if api.openapi_schema is None:
        schema = get_openapi(
            title=api.title,
            version=api.version,
            description=api.description,
            routes=api.routes,
            servers=api.servers,
        )
        for route in (route for router in ROUTERS for route in router.routes):
            if isinstance(route, APIRoute) and (permission := permission_of(route.dependant)) is not None:
                for method in route.methods or ():
                    schema["paths"][route.path_format][method.lower()]["x-permission"] = permission.value
        models = schema.setdefault("components", {}).setdefault("schemas", {})
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        models |= problem.pop("$defs")
        models["Problem"] = problem
        for unused in ("HTTPValidationError", "ValidationError"):
            models.pop(unused, None)
        schema["components"]["securitySchemes"] = {
            "session": {"type": "http", "scheme": "bearer", "description": "A token of `POST /sessions`."}
        }
        schema["security"] = [{"session": []}]
        schema["paths"]["/sessions"]["post"]["security"] = []
        api.openapi_schema = schema
    return api.openapi_schema
