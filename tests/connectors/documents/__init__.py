"""The document stores."""
