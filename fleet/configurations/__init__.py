"""Configurations: named sets of firmware, apps, settings and login methods in versions, and what comes of them."""
