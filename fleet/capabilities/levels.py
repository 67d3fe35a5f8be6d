"""How versions compare, for rules about printers and agents (FL-599…FL-605)."""

from connectors.printers.levels import is_at_least, level

__all__ = ["is_at_least", "level"]
