"""Files of orders at the agent: fetched once whatever happens on the way, checked, and removed with the order."""

import asyncio
import hashlib
from pathlib import Path

from connectors.errors import Fault
from connectors.messages import N_
from pressroom.agent.cloud import Cloud
from steps.printer_work import FileReference

DAMAGED = Fault(
    "agent.file_damaged",
    502,
    N_("The file “{name}” did not arrive as it was sent."),
    N_("Start the task again."),
)


class AgentFiles:
    """The files of one order (`steps.printer_work.WorkFiles`)."""

    def __init__(self, cloud: Cloud, job_id: int, folder: Path) -> None:
        self._cloud, self._job_id, self._folder = cloud, job_id, folder

    async def fetch(self, reference: FileReference) -> Path:
        """The file, checked against size and SHA-256; raises `DAMAGED`, and what `Cloud` raises."""
        target = self._folder / f"{self._job_id}-{reference.sha256}"
        if target.exists():
            return target
        part = target.with_suffix(".part")
        await self._cloud.fetch(self._job_id, reference, part)
        size, digest = await asyncio.to_thread(_measured, part)
        if (size, digest) != (reference.size, reference.sha256):
            part.unlink()
            raise DAMAGED(name=reference.name)
        return part.replace(target)

    async def keep(self, path: Path, name: str, media_type: str) -> str:
        """Hand a file over to the cloud; returns its key."""
        return await self._cloud.keep(self._job_id, path, name, media_type)

    def forget(self) -> None:
        """The order is done."""
        for path in self._folder.glob(f"{self._job_id}-*"):
            path.unlink()


def _measured(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return path.stat().st_size, digest
