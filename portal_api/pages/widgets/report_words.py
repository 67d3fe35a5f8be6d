"""What the kinds, periods and states of print reports are called."""

from connectors.messages import N_
from domain.print_reports.kinds import ReportKind
from domain.print_reports.periods import ReportPeriod
from domain.print_reports.service import ReportState

KINDS = {
    ReportKind.RELEASED: N_("Printed jobs"),
    ReportKind.SUBMITTED: N_("Submitted jobs"),
    ReportKind.DELETED: N_("Deleted jobs"),
    ReportKind.FULL: N_("Full export, at most 31 days"),
    ReportKind.CLIENTS: N_("Versions of clients"),
    ReportKind.CUSTOMERS: N_("Comparison of customers"),
}
PERIODS = {
    ReportPeriod.DAY_BEFORE: N_("The day before"),
    ReportPeriod.WEEK_BEFORE: N_("The week before"),
    ReportPeriod.MONTH_BEFORE: N_("The month before"),
    ReportPeriod.QUARTER_BEFORE: N_("The quarter before"),
    ReportPeriod.YEAR_BEFORE: N_("The year before"),
    ReportPeriod.SEVEN_DAYS: N_("The 7 days before"),
    ReportPeriod.THIRTY_DAYS: N_("The 30 days before"),
}
STATES = {
    ReportState.QUEUED: N_("Waiting"),
    ReportState.RUNNING: N_("Being made"),
    ReportState.READY: N_("Ready"),
    ReportState.NO_DATA: N_("Nothing in this period"),
    ReportState.FAILED: N_("Failed"),
    ReportState.EXPIRED: N_("Expired"),
}
