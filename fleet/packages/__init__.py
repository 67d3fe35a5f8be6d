"""Packages of agents: what this installation offers for installing and updating them, built, signed and kept."""
