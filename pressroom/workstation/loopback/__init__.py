"""Printers of the agent on this computer alone, to which queues of the system print (PR-332)."""
