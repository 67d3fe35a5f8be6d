"""Scan Management of an organization: whether it is on, which storage people may scan to, and whose accounts count."""
