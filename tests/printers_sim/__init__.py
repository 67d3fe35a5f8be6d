"""Tests of the simulated printers."""
