"""Speed upgrades: licence codes that make a printer faster (F-30)."""
