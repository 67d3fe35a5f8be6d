"""Translating one's own documents without a solution: the terms, the organization's footer, and the translations."""
