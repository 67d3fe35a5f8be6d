"""Scanning at printers that do not ask for orders themselves: where each is reached."""
