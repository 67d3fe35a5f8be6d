"""Changing the organization's settings for printing, and what follows from it (sections 3 and 44.29)."""
