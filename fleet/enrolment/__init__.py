"""How printers come into an organization: found by agents, pre-registered, or by their own code (FL-65…FL-175)."""
