"""What holds hybrid jobs in the customer's network: the part of a workstation's agent, and storage nodes."""
