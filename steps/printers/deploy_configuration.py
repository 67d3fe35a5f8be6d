"""Deploying a configuration to a printer (F-21)."""

from connectors.messages import N_
from steps.configuration_deployment import Deployment
from steps.printer_configuration import PrinterConfiguration
from steps.printer_device import managed_device
from steps.printer_work import Order, PrinterStepKind, Report, WorkFiles


async def deploy_configuration(order: Order, files: WorkFiles) -> Report:
    """Deploy every component; the facts are `identity` and `changes`, the evidence of what was changed."""
    wanted = PrinterConfiguration.model_validate(order.parameters)
    async with managed_device(order, patient=True) as printer:
        deployment = Deployment(order, printer, wanted, files)
        return await deployment.deploy() or deployment.report()


STEPS = (
    PrinterStepKind("deploy_configuration", N_("Deploy configuration"), PrinterConfiguration, deploy_configuration),
)
