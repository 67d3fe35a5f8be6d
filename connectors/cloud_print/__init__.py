"""Print services of identity clouds: one interface, and Microsoft's Universal Print behind it (PR-286, PR-291).

The service lists our queue as a printer of the customer's directory; we take what is printed there and say what became
of it. Whoever adds another service implements the protocol and adds it to `open_cloud_print`.
"""

from collections.abc import Callable, Mapping

from connectors.cloud_print.service import CloudPrintService
from connectors.settings import Settings

__all__ = ["CloudPrintService", "open_cloud_print"]


def open_cloud_print(
    settings: Settings,
    tenant_id: str = "",
    secrets: Mapping[str, str] | None = None,
    save: Callable[[dict[str, str]], None] = lambda _secrets: None,
) -> CloudPrintService:
    """The service, to be used in a `with` block; raises `NO_CLIENT` where the operator has registered no application.

    `tenant_id` and `secrets` are what an earlier sign-in gave; `save` keeps them when they have been renewed.
    """
    from connectors.cloud_print.graph_web import GraphWeb
    from connectors.cloud_print.universal_print import UniversalPrint

    return UniversalPrint(GraphWeb(settings, tenant_id, secrets or {}, save))
