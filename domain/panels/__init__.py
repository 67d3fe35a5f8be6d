"""Panels of printers as devices: the session of a printer's own browser, on top of which people sign in."""
