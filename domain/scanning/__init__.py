"""Scanning: what people ask printers to scan, the pages that come, and the file that is made of them."""
