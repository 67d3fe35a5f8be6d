"""What the makers of the simulated printers have brought out since: firmware and apps to update a new fleet with."""

from pathlib import Path
from tempfile import TemporaryDirectory

from domain.organizations.actor import Actor
from domain.organizations.service import local_administrator
from fleet.firmware.service import add_image, list_images
from fleet.panel_apps.service import add_package, list_packages
from pressroom.supervisor import SIMULATED_PROFILES
from printers_sim.packages import app_package, firmware_image
from printers_sim.profile import find_profile

STEP = 8
"""The next level of a model is so much above its newest one."""
APPS = (
    ("address-book", "Address book", "5.2.0"),
    ("display-customization", "Display customization", "5.3.1"),
    ("scan-center", "Scan center", "5.2.4"),
)
NOTES = "Simulated: comes with pressroom up --sim."


def offer_simulated_versions(actor: Actor | None = None) -> None:
    """Fill the catalogues of firmware and apps where they are empty, so that there is something to update to.

    Without an actor it is the installation's own organization.
    """
    actor = actor or local_administrator()
    with TemporaryDirectory(prefix="simulated-") as folder:
        if not list_images(actor):
            _offer_firmware(actor, Path(folder))
        if not list_packages(actor):
            _offer_apps(actor, Path(folder))


def next_level(level: str) -> str:
    """The level that follows one, such as 230.355 after 230.347."""
    branch, number = level.rsplit(".", 1)
    return f"{branch}.{int(number) + STEP:03}"


def _offer_firmware(actor: Actor, folder: Path) -> None:
    """An image for each model that can be managed; models with the same newest level share one."""
    models: dict[str, list[str]] = {}
    for name in SIMULATED_PROFILES:
        profile = find_profile(name)
        if profile.is_manageable:
            models.setdefault(next_level(profile.firmware[-1]), []).append(profile.model)
    for level, names in sorted(models.items()):
        path = folder / f"{level}.fls"
        path.write_bytes(firmware_image(level, names))
        add_image(actor, path, path.name, NOTES)


def _offer_apps(actor: Actor, folder: Path) -> None:
    for app_id, name, version in APPS:
        path = folder / f"{app_id}-{version}.fls"
        path.write_bytes(app_package(app_id, name, version))
        add_package(actor, path, path.name)
