"""Printing by e-mail: addresses, taking mail in, what becomes of it, and the answers (section 14, F-11 to F-13)."""
