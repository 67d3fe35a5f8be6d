"""Workstations whose agent prints: who they are, what they last said, which policy holds (sections 29, 30)."""
