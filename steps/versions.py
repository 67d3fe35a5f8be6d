"""The versions of what runs on other computers: apart from everything else, so that asking for them loads nothing."""

VERSION, LIBRARY_VERSION = "2.2.0", "1.0.0"
"""Of the agent programs and of the printer support library that this release brings (FL-55)."""
