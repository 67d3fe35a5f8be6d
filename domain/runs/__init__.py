"""Runs: one document through one version of a solution, from hand-in to delivery."""
