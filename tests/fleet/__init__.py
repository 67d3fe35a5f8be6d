"""Tests of the room fleet."""
