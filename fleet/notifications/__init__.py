"""Mail about supplies that run low and about printers and agents that fall silent (FL-427…FL-449)."""
