"""Photographs of paper pages: where the page is, and the page as a scanner would have seen it."""
