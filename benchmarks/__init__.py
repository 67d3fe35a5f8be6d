"""What performance is claimed: each module prints a table and, as its last line, one JSON object."""
