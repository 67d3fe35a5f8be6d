"""Enrolled printers: who they are, what they last told, and how they are listed."""
