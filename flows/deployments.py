"""Which flows there are for the engine: their deployments and the work pools that take them."""

from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ObjectAlreadyExists

from connectors.settings import Settings
from fleet.tasks.kinds import KINDS

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient

WORKER_TYPE = "pressroom-warm"


class Pool(StrEnum):
    """What the work pools are for."""

    DOCUMENTS = "documents"
    FLEET = "fleet"
    PRINT = "print"


def work_pools(settings: Settings) -> dict[Pool, str]:
    """The names of the work pools."""
    return {
        Pool.DOCUMENTS: settings.work_pool,
        Pool.FLEET: settings.fleet_work_pool,
        Pool.PRINT: settings.print_work_pool,
    }


@dataclass(frozen=True, slots=True)
class FlowDeployment:
    """A flow as the engine knows it. `entrypoint` is an importable dotted path; the portal uses `flow/name` only.

    `pool`: which work pool its runs wait in: hours of fleet tasks hold up no document, and neither holds up whoever
    waits at a printer.
    """

    flow: str
    name: str
    entrypoint: str
    description: str
    cron: str | None = None
    pool: Pool = Pool.DOCUMENTS

    def work_pool(self, settings: Settings) -> str:
        return work_pools(settings)[self.pool]


ACCOUNT_AND_SOLUTION_FLOWS: tuple[FlowDeployment, ...] = (
    FlowDeployment(
        "run-solution",
        "run-solution",
        "flows.run_solution.run_solution",
        "Runs one document through a solution: OCR, translate, redact, footer, deliveries.",
    ),
    FlowDeployment(
        "expire-documents",
        "expire-documents",
        "flows.retention.expire_documents",
        "Deletes the documents of runs whose retention time has passed.",
        cron="15 3 * * *",
    ),
    FlowDeployment(
        "forget-camera-scans",
        "forget-camera-scans",
        "flows.retention.forget_camera_scans",
        "Deletes scans with a phone's camera that nobody has touched for a day, and those of deleted people.",
        cron="25 * * * *",
    ),
    FlowDeployment(
        "expire-audit-events",
        "expire-audit-events",
        "flows.retention.expire_audit_events",
        "Deletes events of the audit trail whose retention time has passed.",
        cron="30 3 * * *",
    ),
    FlowDeployment(
        "import-users",
        "import-users",
        "flows.import_users.import_users",
        "Creates, changes and deletes people as the rows of a file say.",
    ),
    FlowDeployment(
        "forget-tasks",
        "forget-tasks",
        "flows.retention.forget_tasks",
        "Deletes ended background tasks and their logs when the retention time has passed.",
        cron="45 3 * * *",
    ),
    FlowDeployment(
        "send-mail",
        "send-mail",
        "flows.send_mail.send_mail",
        "Hands one mail to the mail server; its content is deleted once it is sent.",
    ),
    FlowDeployment(
        "forget-mail",
        "forget-mail",
        "flows.send_mail.forget_mail",
        "Deletes the records of mail that was sent or given up long ago.",
        cron="45 3 * * *",
    ),
    FlowDeployment(
        "forget-feedback",
        "forget-feedback",
        "flows.retention.forget_feedback",
        "Deletes feedback that is older than a year.",
        cron="55 3 * * *",
    ),
    FlowDeployment(
        "forget-sign-ins",
        "forget-sign-ins",
        "flows.retention.forget_sign_ins",
        "Deletes links to set a password that work no more, and failed sign-ins that no longer count.",
        cron="50 3 * * *",
    ),
    FlowDeployment(
        "check-authentication-provider",
        "check-authentication-provider",
        "flows.authentication_providers.check_authentication_provider",
        "Asks an identity provider for what it publishes and tells the administrator whether it can be used.",
    ),
    FlowDeployment(
        "keep-authentication-providers",
        "keep-authentication-providers",
        "flows.authentication_providers.keep_authentication_providers",
        "Reads again what identity providers publish, and warns before a secret or a certificate expires.",
        cron="15 4 * * *",
    ),
    FlowDeployment(
        "import-badges",
        "import-badges",
        "flows.import_badges.import_badges",
        "Registers and removes the badges and PINs of a file, row by row.",
    ),
    FlowDeployment(
        "build-print-package",
        "build-print-package",
        "flows.build_print_package.build_print_package",
        "Makes a signed package by which a workstation is set up for printing.",
    ),
    FlowDeployment(
        "make-print-report",
        "make-print-report",
        "flows.print_reports.make_print_report",
        "Writes the facts of printing of a period to files, and mails the links of a full export.",
    ),
    FlowDeployment(
        "run-print-report-schedule",
        "run-print-report-schedule",
        "flows.print_reports.run_print_report_schedule",
        "Has a scheduled print report made that is due, if the person it is made for may still have it (F-28).",
    ),
    FlowDeployment(
        "forget-task-files",
        "forget-task-files",
        "flows.build_print_package.forget_task_files",
        "Deletes packages and reports that were made for people more than a day ago.",
        cron="17 * * * *",
    ),
    FlowDeployment(
        "expire-printer-logins",
        "expire-printer-logins",
        "flows.expire_printer_logins.expire_printer_logins",
        "Notes badges and PINs that have expired; deletes old ones, codes and sessions at printers.",
        cron="*/5 * * * *",
    ),
    FlowDeployment(
        "delete-organization",
        "delete-organization",
        "flows.delete_organization.delete_organization",
        "Deletes a customer organization: documents, records, flow runs, at last the organization itself.",
    ),
    FlowDeployment(
        "restart-deletions",
        "restart-deletions",
        "flows.delete_organization.restart_deletions",
        "Starts deletions of organizations anew whose task failed.",
        cron="20 * * * *",
    ),
    FlowDeployment(
        "keep-fleet-tasks",
        "keep-fleet-tasks",
        "flows.keep_fleet_tasks.keep_fleet_tasks",
        "Ends jobs of printers whose time has passed, starts those that waited, clears old messages on panels.",
        cron="*/5 * * * *",
    ),
    FlowDeployment(
        "keep-diagnostics",
        "keep-diagnostics",
        "flows.fleet_diagnostics.keep_fleet_diagnostics",
        "Makes diagnostic events of alerts, and ends those whose time has passed (F-38).",
        cron="*/10 * * * *",
    ),
    FlowDeployment(
        "run-fleet-schedule",
        "run-fleet-schedule",
        "flows.fleet_schedules.run_fleet_schedule",
        "Starts the task of a fleet schedule that is due, over the printers that belong to it now.",
    ),
    FlowDeployment(
        "send-fleet-notifications",
        "send-fleet-notifications",
        "flows.fleet_notifications.send_fleet_notifications",
        "Mails what the notification policies of an organization have begun to hold for.",
    ),
    FlowDeployment(
        "watch-fleets",
        "watch-fleets",
        "flows.fleet_notifications.watch_fleets",
        "Looks daily for silent printers and agents, and forecasts how long supplies last.",
        cron="10 5 * * *",
    ),
    FlowDeployment(
        "start-agent-work",
        "start-agent-work",
        "flows.agent_work.start_agent_work",
        "Starts the searches and readings of built-in agents whose intervals have passed; printers of silent agents do "
        "not communicate.",
        cron="* * * * *",
    ),
    FlowDeployment(
        "settle-quotas",
        "settle-quotas",
        "flows.quotas.settle_quotas",
        "Gives back pages that ended runs still hold, ends expired distributions, checks the counters of quotas.",
        cron="7 * * * *",
    ),
)

FLEET_UPKEEP_FLOWS: tuple[FlowDeployment, ...] = (
    FlowDeployment(
        "check-firmware",
        "check-firmware",
        "flows.fleet_catalogues.check_firmware",
        "Compares the firmware of every printer with what the catalogue offers (FL-303).",
        cron="40 2 * * *",
    ),
    FlowDeployment(
        "forget-printer-logs",
        "forget-printer-logs",
        "flows.fleet_catalogues.forget_printer_logs",
        "Deletes collected printer logs whose retention time has passed.",
        cron="55 3 * * *",
    ),
)

PRINT_FLOWS: tuple[FlowDeployment, ...] = (
    FlowDeployment(
        "prepare-print-jobs",
        "prepare-print-jobs",
        "flows.prepare_print_jobs.prepare_print_jobs",
        "Makes what was handed in printable, counts its pages and puts it into its owner's queue (F-2, F-3).",
        pool=Pool.PRINT,
    ),
    FlowDeployment(
        "release-print-jobs",
        "release-print-jobs",
        "flows.release_print_jobs.release_print_jobs",
        "Prints the jobs that people release at a printer, and follows each to its end (F-5, F-6).",
        pool=Pool.PRINT,
    ),
    FlowDeployment(
        "settle-print-usage",
        "settle-print-usage",
        "flows.release_print_jobs.settle_print_usage",
        "Writes down what was printed where a printer has not reported it within ten minutes (F-7).",
        cron="* * * * *",
    ),
    FlowDeployment(
        "keep-print-quotas",
        "keep-print-quotas",
        "flows.print_quotas.keep_print_quotas",
        "Keeps where everybody stands with their print quota in the present month (F-27).",
        cron="4 * * * *",
    ),
    FlowDeployment(
        "register-universal-printer",
        "register-universal-printer",
        "flows.universal_print.register_universal_printer",
        "Makes an organization's queue a printer of its universal print service, or removes it there (F-29).",
    ),
    FlowDeployment(
        "take-universal-print-jobs",
        "take-universal-print-jobs",
        "flows.universal_print.take_universal_print_jobs",
        "Takes what was printed at universal print services into the queues of its owners.",
        cron="* * * * *",
        pool=Pool.PRINT,
    ),
    FlowDeployment(
        "apply-print-settings",
        "apply-print-settings",
        "flows.print_quotas.apply_print_settings",
        "Does what a change of the settings for printing brings about (F-30).",
    ),
    FlowDeployment(
        "expire-print-jobs",
        "expire-print-jobs",
        "flows.print_upkeep.expire_print_jobs",
        "Ends print jobs and delegations whose time has passed, and deletes the content of ended jobs (F-9, F-16).",
        cron="*/5 * * * *",
        pool=Pool.PRINT,
    ),
    FlowDeployment(
        "purge-print-history",
        "purge-print-history",
        "flows.print_upkeep.purge_print_history",
        "Forgets ended print jobs older than the history period of their organization (F-10).",
        cron="0 3 * * *",
    ),
    FlowDeployment(
        "reconcile-print-storage",
        "reconcile-print-storage",
        "flows.print_upkeep.reconcile_print_storage",
        "Deletes content that belongs to no print job, and fails jobs whose content is gone (F-32).",
        cron="35 4 * * *",
    ),
    FlowDeployment(
        "receive-print-mail",
        "receive-print-mail",
        "flows.print_mail.receive_print_mail",
        "Makes print jobs of what was mailed for printing, and answers its sender (F-11, F-13).",
        pool=Pool.PRINT,
    ),
    FlowDeployment(
        "fetch-print-mail",
        "fetch-print-mail",
        "flows.print_mail.fetch_print_mail",
        "Takes the mail for printing from an organization's mailbox (IMAP).",
    ),
    FlowDeployment(
        "provision-print-address",
        "provision-print-address",
        "flows.print_mail.provision_print_address",
        "Tries out whether mail to an organization's address for printing arrives (F-12).",
    ),
    FlowDeployment(
        "expire-print-guests",
        "expire-print-guests",
        "flows.print_mail.expire_print_guests",
        "Ends PINs and guests whose time is over, with their print jobs (F-14).",
        cron="*/5 * * * *",
        pool=Pool.PRINT,
    ),
    FlowDeployment(
        "forget-print-mail",
        "forget-print-mail",
        "flows.print_mail.forget_print_mail",
        "Forgets mails for printing that came long ago, and deletes what a crash has left of them.",
        cron="50 * * * *",
    ),
    FlowDeployment(
        "replicate-hybrid-jobs",
        "replicate-hybrid-jobs",
        "flows.print_nodes.replicate_hybrid_jobs",
        "Has copies of hybrid jobs made at storage nodes in the customer's network (F-18).",
        pool=Pool.PRINT,
    ),
    FlowDeployment(
        "remove-print-nodes",
        "remove-print-nodes",
        "flows.print_nodes.remove_print_nodes",
        "Moves the copies of storage nodes that are to be deleted, and ends those nodes (F-22).",
        pool=Pool.PRINT,
    ),
    FlowDeployment(
        "sweep-print-nodes",
        "sweep-print-nodes",
        "flows.print_nodes.sweep_print_nodes",
        "Notes storage nodes and workstations that fell silent, and has their copies made elsewhere (F-21).",
        cron="* * * * *",
    ),
)

SCAN_FLOWS: tuple[FlowDeployment, ...] = (
    FlowDeployment(
        "scan-pages",
        "scan-pages",
        "flows.scan_pages.scan_pages",
        "Scans over the network what lies in a printer that does not ask for orders itself.",
        pool=Pool.PRINT,
    ),
    FlowDeployment(
        "expire-scans",
        "expire-scans",
        "flows.scan_pages.expire_scans",
        "Deletes scans that nobody has touched for long, and what ended ones have left.",
        cron="25 * * * *",
    ),
)

MANAGED_SUPPLIES_FLOWS: tuple[FlowDeployment, ...] = (
    FlowDeployment(
        "import-delivery-contacts",
        "import-delivery-contacts",
        "flows.import_delivery_contacts.import_delivery_contacts",
        "Adds the delivery contacts of a file, one after another (F-39).",
    ),
    FlowDeployment(
        "add-to-managed-supplies",
        "add-to-managed-supplies",
        "flows.managed_supplies.add_to_managed_supplies",
        "Hands printers that ask to join to the supplies programme (F-40).",
    ),
    FlowDeployment(
        "order-supplies",
        "order-supplies",
        "flows.managed_supplies.order_supplies",
        "Hands orders for supplies that run low to the supplies programme.",
    ),
    FlowDeployment(
        "follow-managed-supplies",
        "follow-managed-supplies",
        "flows.managed_supplies.follow_managed_supplies",
        "Asks supplies programmes what became of requests and orders, and tries again what they did not get.",
        cron="*/15 * * * *",
    ),
)

FLEET_TASK_FLOWS = tuple(
    FlowDeployment(
        facts.flow, facts.flow, f"flows.fleet_flows.{kind.value}", f"{facts.title}: one job a printer.", pool=Pool.FLEET
    )
    for kind, facts in KINDS.items()
)

DEPLOYMENTS: tuple[FlowDeployment, ...] = (
    *ACCOUNT_AND_SOLUTION_FLOWS,
    *FLEET_UPKEEP_FLOWS,
    *FLEET_TASK_FLOWS,
    *MANAGED_SUPPLIES_FLOWS,
    *PRINT_FLOWS,
    *SCAN_FLOWS,
)
"""All of them."""


async def register(client: "PrefectClient", settings: Settings) -> None:
    """Make the work pools and the deployments, or bring them up to date."""
    for pool in set(work_pools(settings).values()):
        with suppress(ObjectAlreadyExists):  # made by an earlier start
            await client.create_work_pool(WorkPoolCreate(name=pool, type=WORKER_TYPE))
    for deployment in DEPLOYMENTS:
        flow_id = await client.create_flow_from_name(deployment.flow)
        await client.create_deployment(
            flow_id,
            deployment.name,
            entrypoint=deployment.entrypoint,
            path=".",
            description=deployment.description,
            work_pool_name=deployment.work_pool(settings),
            tags=["pressroom"],
            schedules=[DeploymentScheduleCreate(schedule=CronSchedule(cron=deployment.cron))]
            if deployment.cron
            else [],
            enforce_parameter_schema=False,
        )
