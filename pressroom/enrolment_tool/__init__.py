"""The enrolment tool: finds printers in the network of a technician's computer and enrols them (spec section 6)."""
