"""The outbox: what the engine is to start, written in the same transaction as the record that causes it."""
