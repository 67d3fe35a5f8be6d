"""Translation of every format."""
