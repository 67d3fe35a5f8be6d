"""Recurring tasks: compliance checked and enforced at set times, over printers chosen at each run (FL-502…FL-517)."""
