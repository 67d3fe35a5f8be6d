"""A fleet without hardware: printers that answer SNMP, IPP and HTTP, wear as they print, and fail on request.

This room knows no other room; from `connectors` it uses wire formats only.
"""
