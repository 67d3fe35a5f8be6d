"""Organizations and their people, as far as the first administrator needs them; accounts build on it."""
