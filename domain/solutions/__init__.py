"""Solutions: what a workflow consists of, which compositions are valid, and how solutions are kept."""
