"""The Solution Center at a printer: which solutions it offers, what is asked before a run, and scans that are kept."""
