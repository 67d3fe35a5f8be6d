"""Page quotas of the metered services: what organizations are given, what people may use of it, and what was used."""
