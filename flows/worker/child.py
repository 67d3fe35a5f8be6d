"""One warm process: forked with everything loaded, one API client kept, waiting for flow runs on a pipe."""

import contextlib
import os
import time
from collections.abc import Iterator
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any

import structlog

from flows.worker.processes import end_with, name_process, offer_to_end

log = structlog.get_logger(__name__)

ENGINE_PAUSE = 0.5
"""Seconds between two tries to reach the engine."""
NAME_OF_WATCH = "observe_flow_run_suspension"


def child_main(pipe: Connection, template: int, flows: dict[str, Any]) -> None:
    """Serve flow runs until the pipe closes. `flows` are those at hand by their entrypoints; others are loaded.

    Sends ("ready", None) once warm. For each received (entrypoint, flow run as JSON) sends ("done", None), or
    ("failed", reason) when the engine itself could not run it. The process dies with its template.
    """
    end_with(template)
    name_process("press-run")
    offer_to_end()
    _warm()
    with contextlib.ExitStack() as kept:
        _connect(kept)
        pipe.send(("ready", None))
        while (message := _receive(pipe)) is not None:
            pipe.send(_run(flows, *message))


def load_flow(entrypoint: str) -> Any:
    """The flow at `entrypoint` (module.name)."""
    module, _, name = entrypoint.rpartition(".")
    return getattr(import_module(module), name)


def _warm() -> None:
    """Load what does not survive a fork."""
    from steps.registry import step_kinds

    for kind in step_kinds().values():
        if kind.warm is not None:
            kind.warm()


def _run(flows: dict[str, Any], entrypoint: str, flow_run_json: dict[str, Any]) -> tuple[str, str | None]:
    from prefect.client.schemas.objects import FlowRun
    from prefect.flow_engine import run_flow

    flow_run = FlowRun.model_validate(flow_run_json)
    if entrypoint not in flows:
        flows[entrypoint] = load_flow(entrypoint)
    os.environ["PREFECT__FLOW_RUN_ID"] = str(flow_run.id)
    try:
        run_flow(flows[entrypoint], flow_run=flow_run, return_type="state")
    except BaseException as exc:  # noqa: BLE001 — the parent must hear of anything that stops the engine
        return "failed", f"{type(exc).__name__}: {exc}"
    finally:
        os.environ.pop("PREFECT__FLOW_RUN_ID", None)
    return "done", None


def _connect(kept: contextlib.ExitStack) -> None:
    """One API client for all runs, and no heartbeat thread, which would cost every run a second at its end.

    Waits for the engine: a worker may start before it.
    """
    from prefect.context import SyncClientContext
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    kept.enter_context(temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}))
    _watch_no_suspension()
    while True:
        try:
            kept.enter_context(SyncClientContext.get_or_create())
        except RuntimeError as error:
            log.info("waiting for the engine", trouble=str(error))
            time.sleep(ENGINE_PAUSE)
        else:
            return


def _watch_no_suspension() -> None:
    """Spare every run a thread with a web socket that waits for its suspension: our runs end or are cancelled.

    Prefect has no setting for it. Raises `AttributeError` where a new version of Prefect does this differently.
    """
    from prefect import flow_engine

    if not hasattr(flow_engine, NAME_OF_WATCH):
        raise AttributeError(f"prefect.flow_engine has no {NAME_OF_WATCH} any more")
    setattr(flow_engine, NAME_OF_WATCH, _nothing_to_observe)


@contextlib.contextmanager
def _nothing_to_observe(*_: Any, **__: Any) -> Iterator[None]:
    yield


def _receive(pipe: Connection) -> Any:
    try:
        return pipe.recv()
    except EOFError:
        return None
