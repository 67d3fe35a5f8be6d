"""The organization's queue as a printer of an identity cloud's print service (section 32, F-29)."""
