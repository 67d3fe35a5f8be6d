"""Jobs whose content stays in the customer's network: hybrid ones at workstations and nodes, direct and offline."""
