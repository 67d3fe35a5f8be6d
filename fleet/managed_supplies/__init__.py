"""The managed supplies programme: delivery contacts, printers that join, orders for what runs low (FL-450…FL-479)."""
