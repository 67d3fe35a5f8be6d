"""The warm worker: a Prefect worker whose runs start in tens of milliseconds, because its processes are ready."""
