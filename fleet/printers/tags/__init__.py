"""Tags of printers: made, given, taken, given by file (FL-255…FL-266)."""
