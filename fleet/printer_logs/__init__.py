"""Logs that were collected from printers (F-19, FL-227…FL-235)."""
