"""Documents made ready for printing."""
