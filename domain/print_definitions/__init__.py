"""What print policies and print quotas have in common: named definitions, a default, and for whom each holds."""
