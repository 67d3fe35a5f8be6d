"""One module an operation: what an agent is told for each printer, and what its report changes in our records."""
