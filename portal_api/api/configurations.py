"""Configurations: versions, components, variable settings, deployment, assignment and compliance (FL-346…FL-426)."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from connectors.printers.files import BUNDLE_LIMIT
from connectors.settings import get_settings
from domain.organizations.actor import Actor
from domain.organizations.permissions import Permission
from domain.runs.planning import TOO_LARGE
from domain.tenancy import NOT_FOUND
from fleet.configurations import copying, deployment, drafts, proxies, rules, service, variable_files, variables
from fleet.configurations.bundle_import import examine_bundle, import_bundle
from fleet.configurations.compliance import export_evidence, export_history, list_drift
from fleet.configurations.content import ConfigurationContent
from fleet.configurations.settings_catalogue import find_settings
from fleet.tasks.service import NOTHING_CHOSEN
from portal_api.access import needs
from portal_api.api.configuration_models import (
    AssignmentPublic,
    BundleReportPublic,
    ConfigurationChange,
    ConfigurationCopy,
    ConfigurationPublic,
    Configurations,
    Deployment,
    DriftPublic,
    Enforcement,
    Printers,
    ProxySetting,
    Publication,
    SettingPublic,
    Started,
    Unassigned,
    VariableCheck,
    VariableFilePublic,
    VersionPublic,
    VersionRowPublic,
)
from portal_api.api.resources import FILE_FAULTS, UPLOAD_LIMIT
from portal_api.multipart_form import BAD_FORM, FILE_MISSING
from portal_api.problems import documented
from portal_api.uploads import file_form, received_upload

router = APIRouter(tags=["fleet"])
Configurer = Annotated[Actor, needs(Permission.FLEET_CONFIGURE)]
Viewer = Annotated[Actor, needs(Permission.FLEET_VIEW)]
NAME_FAULTS = (service.NAME_MISSING, service.NAME_TAKEN)
DRAFT_FAULTS = (NOT_FOUND, drafts.NO_DRAFT, rules.INVALID)
VARIABLE_FAULTS = (*DRAFT_FAULTS, variables.TOO_LARGE, TOO_LARGE, FILE_MISSING, BAD_FORM)
CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}
TURN_OFF = {
    "type": "boolean",
    "default": False,
    "description": "Return settings whose column is missing to their default values.",
}
PART = {"type": "boolean", "default": True, "description": "Import this part."}


@router.get("/configurations", operation_id="list_configurations")
def list_all(actor: Configurer, published: Annotated[bool, Query()] = False) -> list[ConfigurationPublic]:
    """All of them, the last changed first; `published`: those that can be deployed."""
    return [ConfigurationPublic.of(view) for view in service.list_configurations(actor, published=published)]


@router.post(
    "/configurations", operation_id="create_configuration", status_code=201, responses=documented(*NAME_FAULTS)
)
def create(actor: Configurer, given: ConfigurationChange, response: Response) -> ConfigurationPublic:
    """Make a configuration with an empty draft."""
    configuration_id = service.create_configuration(actor, given.name, given.description)
    response.headers["Location"] = f"/api/v1/configurations/{configuration_id}"
    return ConfigurationPublic.of(service.get_configuration(actor, configuration_id))


@router.post(
    "/configurations/removals",
    operation_id="delete_configurations",
    status_code=204,
    responses=documented(NOT_FOUND),
)
def delete_many(actor: Configurer, given: Configurations) -> None:
    """Delete several, all or none; nothing changes on printers, assignments are cleared."""
    service.delete_configurations(actor, given.ids)


@router.get("/configurations/proxy", operation_id="get_authenticated_proxy")
def get_proxy(actor: Configurer) -> ProxySetting:
    """Whether the organization's printers reach the cloud through a proxy that asks for credentials (FL-289)."""
    return ProxySetting(authenticated=proxies.get_behind_proxy(actor))


@router.put("/configurations/proxy", operation_id="set_authenticated_proxy", status_code=204)
def set_proxy(actor: Configurer, given: ProxySetting) -> None:
    """With it, apps go only to printers whose app framework has host and user of the proxy (FL-290)."""
    proxies.set_behind_proxy(actor, is_on=given.authenticated)


@router.get("/configurations/{configuration_id}", operation_id="get_configuration", responses=documented(NOT_FOUND))
def get(actor: Configurer, configuration_id: str) -> ConfigurationPublic:
    """One configuration."""
    return ConfigurationPublic.of(service.get_configuration(actor, configuration_id))


@router.patch(
    "/configurations/{configuration_id}",
    operation_id="update_configuration",
    responses=documented(NOT_FOUND, *NAME_FAULTS),
)
def update(actor: Configurer, configuration_id: str, given: ConfigurationChange) -> ConfigurationPublic:
    """Change name and description."""
    service.change_configuration(actor, configuration_id, given.name, given.description)
    return ConfigurationPublic.of(service.get_configuration(actor, configuration_id))


@router.delete(
    "/configurations/{configuration_id}",
    operation_id="delete_configuration",
    status_code=204,
    responses=documented(NOT_FOUND),
)
def delete(actor: Configurer, configuration_id: str) -> None:
    """Delete it; nothing changes on printers, assignments are cleared."""
    service.delete_configurations(actor, [configuration_id])


@router.post(
    "/configurations/{configuration_id}/copies",
    operation_id="copy_configuration",
    status_code=201,
    responses=documented(NOT_FOUND, *NAME_FAULTS),
)
def copy(actor: Configurer, configuration_id: str, given: ConfigurationCopy) -> dict[str, str]:
    """Copy it, with its resources where the copy is in another organization; answers the id of the copy."""
    return {"id": copying.copy_configuration(actor, configuration_id, given.name, given.organization_id)}


@router.put(
    "/configurations/{configuration_id}/default",
    operation_id="make_configuration_default",
    status_code=204,
    responses=documented(NOT_FOUND, service.NOT_PUBLISHED),
)
def make_default(actor: Configurer, configuration_id: str) -> None:
    """Newly enrolled printers get it from now on."""
    service.set_default(actor, configuration_id)


@router.delete(
    "/configurations/{configuration_id}/default",
    operation_id="remove_configuration_default",
    status_code=204,
    responses=documented(NOT_FOUND),
)
def remove_default(actor: Configurer, configuration_id: str) -> None:
    """Newly enrolled printers get nothing any more."""
    service.remove_default(actor, configuration_id)


@router.get(
    "/configurations/{configuration_id}/versions",
    operation_id="list_configuration_versions",
    responses=documented(NOT_FOUND),
)
def list_versions(actor: Configurer, configuration_id: str) -> list[VersionRowPublic]:
    """The published versions, the newest first."""
    return [VersionRowPublic.of(row) for row in drafts.list_versions(actor, configuration_id)]


@router.get(
    "/configurations/{configuration_id}/version",
    operation_id="get_configuration_version",
    responses=documented(NOT_FOUND),
)
def get_version(
    actor: Configurer,
    configuration_id: str,
    number: Annotated[int | None, Query(ge=0, description="0: the draft. Without: the draft, else the newest.")] = None,
) -> VersionPublic:
    """One version with its content."""
    return VersionPublic.of(drafts.get_version(actor, configuration_id, number))


@router.post(
    "/configurations/{configuration_id}/draft",
    operation_id="create_configuration_draft",
    responses=documented(NOT_FOUND, drafts.DRAFT_EXISTS),
)
def create_draft(actor: Configurer, configuration_id: str) -> VersionPublic:
    """Begin a draft with what is published."""
    drafts.create_draft(actor, configuration_id)
    return VersionPublic.of(drafts.get_version(actor, configuration_id))


@router.put(
    "/configurations/{configuration_id}/draft",
    operation_id="save_configuration_draft",
    responses=documented(*DRAFT_FAULTS),
)
def save_draft(actor: Configurer, configuration_id: str, given: ConfigurationContent) -> VersionPublic:
    """Save the draft; the first thing that is wrong is told, and nothing is saved."""
    drafts.save_draft(actor, configuration_id, given)
    return VersionPublic.of(drafts.get_version(actor, configuration_id))


@router.delete(
    "/configurations/{configuration_id}/draft",
    operation_id="discard_configuration_draft",
    status_code=204,
    responses=documented(NOT_FOUND, drafts.NO_DRAFT),
)
def discard_draft(actor: Configurer, configuration_id: str) -> None:
    """Delete the draft; a configuration that was never published goes with it."""
    drafts.discard_draft(actor, configuration_id)


@router.post(
    "/configurations/{configuration_id}/publication",
    operation_id="publish_configuration",
    responses=documented(*DRAFT_FAULTS, drafts.EMPTY),
)
def publish(actor: Configurer, configuration_id: str, given: Publication) -> ConfigurationPublic:
    """Make the draft the next version, which never changes."""
    drafts.publish(actor, configuration_id, given.comments)
    return ConfigurationPublic.of(service.get_configuration(actor, configuration_id))


@router.post(
    "/configurations/{configuration_id}/variables/check",
    operation_id="check_configuration_variables",
    openapi_extra=file_form(),
    responses=documented(*VARIABLE_FAULTS),
)
async def check_variables(request: Request, actor: Configurer, configuration_id: str) -> VariableCheck:
    """What an import of a variable settings file would find, line by line."""
    async with received_upload(request, get_settings().scratch_folder, variables.LIMIT + 1) as upload:
        content = await run_in_threadpool(upload.path.read_bytes)
    return VariableCheck.of(await run_in_threadpool(variable_files.check_variables, actor, configuration_id, content))


@router.put(
    "/configurations/{configuration_id}/variables",
    operation_id="import_configuration_variables",
    openapi_extra=file_form(turn_off=TURN_OFF),
    responses=documented(*VARIABLE_FAULTS, variables.INVALID, variables.IN_USE),
)
async def import_variables(request: Request, actor: Configurer, configuration_id: str) -> VariableFilePublic:
    """Make a CSV the draft's variable settings file, in place of the former one."""
    async with received_upload(request, get_settings().scratch_folder, variables.LIMIT + 1) as upload:
        content = await run_in_threadpool(upload.path.read_bytes)
        turn_off = upload.fields.get("turn_off", "").lower() == "true"
        view = await run_in_threadpool(
            lambda: variable_files.import_variables(actor, configuration_id, upload.name, content, turn_off=turn_off)
        )
    return VariableFilePublic.of(view)


@router.get(
    "/configurations/{configuration_id}/variables",
    operation_id="export_configuration_variables",
    response_class=Response,
    responses={**CSV, **documented(NOT_FOUND)},
)
def export_variables(
    actor: Configurer, configuration_id: str, number: Annotated[int, Query(ge=0, description="0: the draft.")] = 0
) -> Response:
    """The variable settings file of a version as CSV."""
    return csv_response(variable_files.export_variables(actor, configuration_id, number), "variables.csv")


@router.delete(
    "/configurations/{configuration_id}/variables",
    operation_id="delete_configuration_variables",
    status_code=204,
    responses=documented(NOT_FOUND, drafts.NO_DRAFT),
)
def delete_variables(actor: Configurer, configuration_id: str) -> None:
    """Take the variable settings file away; settings that it fed are switched off."""
    variable_files.delete_variables(actor, configuration_id)


@router.post(
    "/configurations/{configuration_id}/bundle/check",
    operation_id="check_configuration_bundle",
    openapi_extra=file_form(),
    responses=documented(NOT_FOUND, drafts.NO_DRAFT, *FILE_FAULTS),
)
async def check_bundle(request: Request, actor: Configurer, configuration_id: str) -> BundleReportPublic:
    """What importing a settings bundle would do to the draft."""
    async with received_upload(request, get_settings().scratch_folder, BUNDLE_LIMIT + 1) as upload:
        report = await run_in_threadpool(examine_bundle, actor, configuration_id, upload.path, upload.name)
    return BundleReportPublic.of(report)


@router.post(
    "/configurations/{configuration_id}/bundle",
    operation_id="import_configuration_bundle",
    openapi_extra=file_form(settings=PART, login_methods=PART),
    responses=documented(*DRAFT_FAULTS, *FILE_FAULTS),
)
async def take_bundle(request: Request, actor: Configurer, configuration_id: str) -> BundleReportPublic:
    """Take what is new or differs in a settings bundle into the draft."""
    async with received_upload(request, get_settings().scratch_folder, BUNDLE_LIMIT + 1) as upload:
        parts = {name: upload.fields.get(name, "true").lower() == "true" for name in ("settings", "login_methods")}
        report = await run_in_threadpool(
            lambda: import_bundle(actor, configuration_id, upload.path, upload.name, **parts)
        )
    return BundleReportPublic.of(report)


@router.post(
    "/configurations/{configuration_id}/deployments",
    operation_id="deploy_configuration",
    status_code=202,
    responses=documented(NOT_FOUND, service.NOT_PUBLISHED, drafts.NO_DRAFT, deployment.ONE_PRINTER, NOTHING_CHOSEN),
)
def deploy(actor: Configurer, configuration_id: str, given: Deployment) -> Started:
    """Deploy the newest published version, or try the draft on one printer."""
    return Started(
        task_id=deployment.deploy_configuration(actor, configuration_id, given.printer_ids, draft=given.draft)
    )


@router.post(
    "/configurations/{configuration_id}/assignments",
    operation_id="assign_configuration",
    responses=documented(NOT_FOUND, service.NOT_PUBLISHED),
)
def assign(actor: Configurer, configuration_id: str, given: Printers) -> AssignmentPublic:
    """Assign it to printers, in place of what was assigned to them."""
    return AssignmentPublic.of(deployment.assign_configuration(actor, configuration_id, given.printer_ids))


@router.post("/compliance/unassignments", operation_id="unassign_configuration", responses=documented(NOT_FOUND))
def unassign(actor: Configurer, given: Printers) -> Unassigned:
    """Take the assignment of printers away; nothing changes on them."""
    return Unassigned(count=deployment.unassign_configuration(actor, given.printer_ids))


@router.post(
    "/compliance/checks",
    operation_id="check_compliance",
    status_code=202,
    responses=documented(NOT_FOUND, NOTHING_CHOSEN),
)
def check(actor: Configurer, given: Printers) -> Started:
    """Check printers against what is assigned to them."""
    return Started(task_id=deployment.check_compliance(actor, given.printer_ids))


@router.post(
    "/compliance/enforcements",
    operation_id="enforce_configuration",
    status_code=202,
    responses=documented(NOT_FOUND, NOTHING_CHOSEN),
)
def enforce(actor: Configurer, given: Enforcement) -> Started:
    """Put right what differs on printers, and check them again."""
    return Started(task_id=deployment.enforce_configuration(actor, given.printer_ids, restart=given.restart))


@router.get("/compliance/drift", operation_id="list_drift", responses=documented(NOT_FOUND))
def drift(
    actor: Viewer,
    printer_id: Annotated[str, Query(max_length=32)],
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> list[DriftPublic]:
    """How a printer differed from what was assigned to it, the newest first."""
    return [DriftPublic.of(view) for view in list_drift(actor, printer_id, limit)]


@router.get(
    "/compliance/history",
    operation_id="export_drift",
    response_class=Response,
    responses={**CSV},
)
def history(actor: Configurer) -> Response:
    """How printers differed from what was assigned to them, as CSV."""
    return csv_response(export_history(actor), "drift.csv")


@router.get(
    "/compliance/evidence",
    operation_id="export_compliance_evidence",
    response_class=Response,
    responses={**CSV, **documented(NOT_FOUND)},
)
def evidence(actor: Configurer, task_id: Annotated[str, Query(max_length=32)]) -> Response:
    """What a check, an enforcement or a deployment found and changed on each printer, as CSV."""
    return csv_response(export_evidence(actor, task_id), "evidence.csv")


@router.get("/settings-catalogue", operation_id="list_settings", dependencies=[needs(Permission.FLEET_CONFIGURE)])
def settings(search: Annotated[str, Query(max_length=255)] = "") -> list[SettingPublic]:
    """The settings that a configuration may hold, in their tree."""
    return [SettingPublic.of(facts) for facts in find_settings(search)]


@router.post(
    "/file-deployments",
    operation_id="deploy_file",
    status_code=202,
    openapi_extra=file_form(printer_ids={"type": "string", "description": "Ids of printers, separated by commas."}),
    responses=documented(NOT_FOUND, NOTHING_CHOSEN, *FILE_FAULTS),
)
async def deploy_file(request: Request, actor: Configurer) -> Started:
    """Deploy a settings bundle, a flat settings file or an app that does not enter the library."""
    async with received_upload(request, get_settings().scratch_folder, UPLOAD_LIMIT) as upload:
        printer_ids = [one.strip() for one in upload.fields.get("printer_ids", "").split(",") if one.strip()]
        task_id = await run_in_threadpool(deployment.deploy_upload, actor, upload.path, upload.name, printer_ids)
    return Started(task_id=task_id)


def csv_response(lines: Iterator[str], name: str) -> Response:
    """A CSV that is sent as it is written."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)
