"""What is done to a document: one module a step, each with its parameters, a plain function and its Prefect task."""
