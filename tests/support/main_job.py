"""The main job as a program does it: compose, hand in, watch, and fetch the result, all through the REST API."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from benchmarks.installation import PASSWORD, RunningInstallation

SECONDS = 240.0
FINAL = {"COMPLETED", "COMPLETED_WITH_ERRORS", "FAILED", "CANCELLED"}


class Person:
    """The administrator at the REST API of a running installation."""

    def __init__(self, installation: RunningInstallation) -> None:
        self.client = httpx.Client(base_url=installation.url, timeout=30, trust_env=False)
        credentials = {"email": installation.administrator.email, "password": PASSWORD}
        token = self._json(self.client.post("/api/v1/sessions", json=credentials))["token"]
        self.client.headers["Authorization"] = f"Bearer {token}"

    def compose(self, name: str, *steps: dict[str, Any]) -> str:
        """Save a solution; returns its id."""
        return str(self._json(self.client.post("/api/v1/solutions", json={"name": name, "steps": steps}))["id"])

    def hand_in(self, solution: str, path: Path, **values: Any) -> str:
        """Start a run; returns its id."""
        with path.open("rb") as source:
            answer = self.client.post(
                f"/api/v1/solutions/{solution}/runs",
                files={"file": (path.name, source)},
                data={"overrides": json.dumps(values)} if values else {},
            )
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def run(self, run_id: str) -> dict[str, Any]:
        """The run's details: “run”, “steps”, “deliveries”, “downloads”."""
        return self._json(self.client.get(f"/api/v1/runs/{run_id}"))

    def wait(self, run_id: str) -> dict[str, Any]:
        """The run's details once it has ended."""
        return self.wait_until(run_id, lambda details: details["run"]["state"] in FINAL)

    def wait_until(self, run_id: str, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The run's details once `condition` holds; fails after `SECONDS`."""
        deadline = time.monotonic() + SECONDS
        while not condition(details := self.run(run_id)):
            assert time.monotonic() < deadline, details
            time.sleep(0.05)
        return details

    def wait_for_step(self, run_id: str, kind: str) -> dict[str, Any]:
        """The run's details once a step of that kind is running."""
        return self.wait_until(
            run_id, lambda details: any((s["kind"], s["state"]) == (kind, "RUNNING") for s in details["steps"])
        )

    def download(self, details: dict[str, Any], folder: Path) -> list[Path]:
        """Fetch every downloadable document through a one-time link."""
        address = f"/api/v1/runs/{details['run']['id']}/documents"
        names = {document["id"]: document["name"] for document in self.client.get(address).json()}
        paths = []
        for document in details["downloads"]:
            link = self._json(self.client.post(f"{address}/{document}/links"))
            paths.append(folder / names[document])
            paths[-1].write_bytes(httpx.get(link["url"], trust_env=False).raise_for_status().content)
            assert httpx.get(link["url"], trust_env=False).status_code == 410
        return paths

    @staticmethod
    def _json(answer: httpx.Response) -> dict[str, Any]:
        assert answer.is_success, answer.text
        content: dict[str, Any] = answer.json()
        return content
