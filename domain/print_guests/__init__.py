"""Print guests: people without an account who mail documents and release them with a PIN (AC-185…AC-189)."""
