"""Print jobs that wait for their owner; print management builds on this table."""
