"""Mail that comes in: a small SMTP or LMTP receiver, who really sent a message, and what is in it."""
