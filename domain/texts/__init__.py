"""Texts in the reader's language, for pages, answers and mails alike."""
