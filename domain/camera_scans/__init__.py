"""Scans with a phone's camera: photographs that become pages, and pages that become an original."""
