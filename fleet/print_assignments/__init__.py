"""Print assignments: which printers people print to directly or offline, by tags of the fleet (section 24)."""
