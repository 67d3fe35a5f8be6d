"""Mail to people: queued with the change that causes it, sent by a flow, kept encrypted only until it is sent."""
