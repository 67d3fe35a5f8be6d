"""The command line and the one-machine supervisor: the only room above the portal and the flows."""
