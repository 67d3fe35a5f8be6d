"""Identity providers of organizations."""
