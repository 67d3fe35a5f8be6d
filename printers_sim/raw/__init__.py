"""Printing without IPP: the raw port with PJL, and the line printer daemon (PR-334)."""
