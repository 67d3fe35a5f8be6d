"""Diagnostic events of fleets for which the operator has switched them on (F-38, FL-244…FL-246)."""
