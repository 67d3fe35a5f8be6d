"""Messages on panels that do not go away by themselves, and when the portal takes them away (FL-251)."""
