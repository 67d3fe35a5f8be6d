"""Sign-in at an organization's own identity provider: its configuration, the way there and back, who is let in."""
