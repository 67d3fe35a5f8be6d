"""A phone in place of a printer's panel: the codes that lead to it, and whose turn it is (MOB-1…MOB-9)."""
