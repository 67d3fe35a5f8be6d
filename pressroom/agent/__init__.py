"""The agent that runs in a customer's network: it calls out only, does what it is told, and loses nothing (FL-5)."""
