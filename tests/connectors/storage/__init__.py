"""The storage connectors."""
