"""The Solution Center at a printer, without its pages."""
