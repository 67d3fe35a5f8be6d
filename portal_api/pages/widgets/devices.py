"""What a program calls itself, in words that people know."""

from connectors.messages import N_
from portal_api.pages.words import _

BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""Mark → name; the first that fits, because most claim to be several."""
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
UNKNOWN = N_("Unknown program")


def device_name(user_agent: str) -> str:
    """“Firefox, Windows” for a browser, the program's own name for others."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    if browser:
        system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
        return ", ".join(filter(None, (browser, system)))
    return user_agent.partition(" ")[0].partition("/")[0][:40] or _(UNKNOWN)
