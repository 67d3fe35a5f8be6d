"""The scan app: which models carry it (SCAN-3) is data, a column of the table of models (SC-160)."""

from connectors.errors import Fault
from connectors.messages import N_
from fleet.capabilities.models_table import model_facts

MODEL_UNSUPPORTED = Fault(
    "scan.model_unsupported",
    422,
    N_("Scanning to destinations does not work on printers of the model {model}."),
    N_("Use another printer, or a phone's camera."),
    spec="SCAN-3",
)
COLUMN = "scan_management"


def check_model(model: str) -> None:
    """Raise `MODEL_UNSUPPORTED` where the table says no; a model that it does not list is let through (decision 8)."""
    if model_facts(model).can(COLUMN) is False:
        raise MODEL_UNSUPPORTED(model=model)
