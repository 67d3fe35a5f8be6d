"""Firmware: the catalogue of images, what is offered for each model, and updates of printers (F-26, F-27)."""
