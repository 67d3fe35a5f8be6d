"""The managed supplies programme."""
