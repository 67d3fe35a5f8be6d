"""Delegates: people who may release the print jobs of others (section 16)."""
