"""Printing: jobs that wait for their owner, how they got there, and what is known of them (print.md)."""
