"""The environment in which Prefect's server and clients run: ours, chosen by settings, never the user's profile."""

import os

from connectors.settings import Settings


def engine_environment(settings: Settings) -> dict[str, str]:
    """This process's environment plus all that Prefect needs to know. Nothing is reported to anybody outside."""
    home = settings.home.resolve() / "prefect"
    home.mkdir(parents=True, exist_ok=True)
    database = settings.prefect_database_url or f"sqlite+aiosqlite:///{home / 'prefect.db'}"
    return {
        **os.environ,
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": settings.engine_url,
        "PREFECT_API_DATABASE_CONNECTION_URL": database,
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_LOGGING_LEVEL": "WARNING" if settings.log_level != "DEBUG" else "DEBUG",
        "PREFECT_UI_API_URL": f"{settings.operators_url}/api",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
        "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
        "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "2",
        "OMP_THREAD_LIMIT": "1",
        **_messaging(settings.redis_url.get_secret_value()),
    }


def _messaging(redis_url: str) -> dict[str, str]:
    """With Redis, several Prefect servers share events, their order, leases and their background services' queue."""
    if not redis_url:
        return {}
    return {
        "PREFECT_MESSAGING_BROKER": "prefect_redis.messaging",
        "PREFECT_MESSAGING_CACHE": "prefect_redis.messaging",
        "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
        "PREFECT_REDIS_MESSAGING_URL": redis_url,
        "PREFECT_SERVER_DOCKET_URL": redis_url,
    }
