"""Background tasks: longer work that a person starts, with its progress and its log, done by flows."""
