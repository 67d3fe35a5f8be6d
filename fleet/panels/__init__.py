"""Printers at their panels: how a printer proves which one it is, and what its panel is fit for."""
