"""Values for files that people open in a spreadsheet program."""

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(value: str) -> str:
    """`value` so that no spreadsheet takes it for a formula: an apostrophe before what could begin one.

    Whoever chooses a name that others export must not be able to run anything on their machine (CWE-1236).
    """
    return f"'{value}" if value.lstrip(" ").startswith(_BEGINS_A_FORMULA) else value
