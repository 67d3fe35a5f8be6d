"""Packages by which people set up their workstations for printing: made, signed, kept for a day (section 31, F-25)."""
