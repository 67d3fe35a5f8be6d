"""Print policies: forced monochrome and duplex, most pages, and the days and times for printing (PR-87…PR-100)."""
