"""What is true and allowed for printers. Its business packages arrive with fleet management."""
