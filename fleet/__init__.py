"""What is true and allowed for printers: agents, printers, tasks, configurations, compliance, policies."""
