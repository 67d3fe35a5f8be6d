"""Configurations of printers at work."""
