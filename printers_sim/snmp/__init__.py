"""The printers' SNMP agent: versions 1, 2c and 3 over one socket for all printers."""
