"""Distributions of pages."""
