"""In what order and how often: Prefect flows, the outbox dispatcher and the warm worker."""
