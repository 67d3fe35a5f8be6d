"""The portal that people use: pages in NiceGUI, mounted into the FastAPI app, over the same services as the API."""

import hashlib
import hmac
from importlib import import_module

from fastapi import FastAPI
from nicegui import ui

from connectors.settings import get_settings
from portal_api.pages import theme

PAGES = (
    "sign_in_page",
    "program_sign_in_page",
    "second_step_pages",
    "password_pages",
    "account_page",
    "account_protection",
    "account_access",
    "account_links",
    "account_printing",
    "account_works",
    "application_list",
    "application_page",
    "sign_in_rules_page",
    "start_page",
    "workplace_page",
    "welcome_page",
    "organization_page",
    "organization_addresses",
    "organization_roles_page",
    "customers_page",
    "customer_page",
    "access_group_list",
    "access_group_page",
    "solution_list",
    "composer",
    "run_form",
    "run_page",
    "run_history",
    "print_queue",
    "print_settings_page",
    "print_policies_page",
    "print_quotas_page",
    "client_policies_page",
    "client_status_page",
    "print_assignments_page",
    "print_packages_page",
    "print_report_schedules_page",
    "print_reports_page",
    "print_history_page",
    "print_delegates_page",
    "print_guests_page",
    "print_nodes_page",
    "universal_print_page",
    "storage_accounts",
    "scan_page",
    "scan_settings_page",
    "scan_destination_page",
    "settings_page",
    "translation_settings_page",
    "translation_page",
    "badges_page",
    "printer_login_page",
    "device_page",
    "own_printer_login_page",
    "identity_provider",
    "own_identity_page",
    "people_page",
    "person_page",
    "group_list",
    "group_page",
    "agents_of_all_page",
    "agents_page",
    "agent_page",
    "task_list",
    "task_page",
    "audit_page",
    "feedback_page",
    "schedules_page",
    "policies_page",
    "notifications_page",
    "printers_page",
    "printer_page",
    "printer_report_page",
    "printer_tags_page",
    "printer_views_page",
    "managed_supplies_page",
    "delivery_contacts_page",
    "contact_import_page",
    "supplies_desk_page",
    "fleet_task_list",
    "fleet_task_page",
    "quotas_page",
    "custom_quotas_page",
    "quota_usage_page",
    "distributions_page",
    "distribution_form",
    "quota_reports_page",
    "configurations_page",
    "configuration_page",
    "resources_page",
    "apps_page",
    "firmware_page",
    "release_page",
    "phone_page",
    "phone_run_page",
    "phone_scan_page",
    "preview_images",
    "problem_page",
    "tool_sign_in_page",
)


def mount(app: FastAPI) -> None:
    """Serve the portal's pages from `app`, below everything that `app` answers itself."""
    for page in PAGES:
        import_module(f"portal_api.pages.{page}")
    theme.serve()
    ui.run_with(
        app,
        title="Pressroom",
        favicon=theme.FAVICON,
        dark=None,
        tailwind=False,
        storage_secret=_storage_secret(),
        show_welcome_message=False,
        reconnect_timeout=30,
    )


def _storage_secret() -> str:
    """The key of NiceGUI's own cookie, made from the installation's so that neither reveals the other."""
    secret = get_settings().secret_key.get_secret_value()
    return hmac.new(secret.encode(), b"portal pages", hashlib.sha256).hexdigest()
