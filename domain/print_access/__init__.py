"""How people's computers and phones prove whose jobs they send: print passwords and signed queue addresses (PR-324)."""
