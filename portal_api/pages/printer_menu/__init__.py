"""What can be done with printers in the portal: a module for commands (`ACTIONS`) and parts of a page (`SECTIONS`)."""
