"""A fleet without hardware: simulated printers that speak the real protocols and know no other room."""
