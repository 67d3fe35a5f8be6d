"""Agents: what manages printers in a customer's network, and where its work is done."""
