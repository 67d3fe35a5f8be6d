"""Releasing held jobs at printers: who may, what a panel offers, how a release goes on, and what was printed."""
