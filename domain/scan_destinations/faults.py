"""What can be wrong with a scan destination, or with a scan on its way there."""

from connectors.errors import Fault
from connectors.messages import N_

NAME_MISSING = Fault(
    "scan_destination.name_missing",
    422,
    N_("The scan destination has no name."),
    N_("Give it a name by which people know it at the printer."),
    spec="SCAN-40",
)
NAME_TAKEN = Fault(
    "scan_destination.name_taken",
    409,
    N_("There is already a scan destination named “{name}”."),
    N_("Choose another name."),
    spec="SCAN-43",
)
FILE_NAME = Fault(
    "scan_destination.file_name",
    422,
    N_('A file name has 1 to 128 characters and none of \\ / : * ? " < > |.'),
    N_("Leave these characters out. The ending that suits the format is added by itself."),
    spec="SCAN-43",
)
ACCESS_UNKNOWN = Fault(
    "scan_destination.access_unknown",
    422,
    N_("A destination at {service} has no setting “{setting}”."),
    N_("Fill in only the settings that the form shows for this service."),
)
TOO_MANY = Fault(
    "scan_destination.too_many",
    409,
    N_("There are {limit} scan destinations already; printers offer no more."),
    N_("Delete one that nobody needs, then create the new one."),
    spec="SCAN-120",
)
PERSONAL_ONLY = Fault(
    "scan_destination.personal_only",
    422,
    N_("{service} can be used for personal scan destinations only."),
    N_("Choose another service, or create the destination as a personal one."),
    spec="SCAN-32",
)
PERSONAL_OFF = Fault(
    "scan_destination.personal_off",
    403,
    N_("Personal scan destinations are not allowed in your organization."),
    N_("Use a destination of the organization, or ask a Scan Management Administrator to allow personal ones."),
    spec="SCAN-31",
)
ADMINISTRATORS_ONLY = Fault(
    "scan_destination.administrators_only",
    403,
    N_("The organization's scan destinations are changed by the administrators of Scan Management."),
    N_("Ask one of them, or use a personal destination where those are allowed."),
    spec="SCAN-33",
)
SERVICE_OFF = Fault(
    "scan_destination.service_off",
    403,
    N_("{service} is not enabled for scanning in your organization."),
    N_("Choose another destination, or ask a Scan Management Administrator to enable it in the scan settings."),
    spec="SCAN-E11",
)
CHANGED_MEANWHILE = Fault(
    "scan_destination.changed_meanwhile",
    412,
    N_("The scan destination was changed by somebody else while you edited it."),
    N_("Reload it and make your change again."),
)
TEMPLATE_FOLDER = Fault(
    "scan_destination.template_folder",
    409,
    N_("The folder of this destination is made in your own OneDrive when you scan, so there is nothing to look into."),
    N_("Scan to it as it is, or choose a different folder of your own OneDrive."),
    spec="SCAN-E08",
)
NO_FOLDER_CHOICE = Fault(
    "scan_destination.no_folder_choice",
    403,
    N_("The folder of this destination cannot be chosen at the printer."),
    N_("Scan to it as it is, or use another destination."),
    spec="SCAN-19",
)
NO_FOLDERS = Fault(
    "scan_destination.no_folders",
    422,
    N_("{service} has no folders."),
    N_("Leave the folder empty."),
)
