"""What somebody can do here, and what is in the way of the rest (TS-2, TS-39, TS-52, TS-65, TS-66)."""
