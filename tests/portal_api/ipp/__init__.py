"""The print service (PR-322…PR-328)."""
