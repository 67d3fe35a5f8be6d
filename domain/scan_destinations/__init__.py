"""Scan destinations: where people's scans go, of the organization and their own (SCAN-30…SCAN-92)."""
