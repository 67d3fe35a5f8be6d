"""What is done to a printer: one module an operation, used by every kind of agent."""
