"""SNMP: the wire format (BER, messages of all three versions) and what is read with it from printers."""
