"""What a printer of the system's own brand lets an agent do: the device management API (docs/device-protocol.md)."""
