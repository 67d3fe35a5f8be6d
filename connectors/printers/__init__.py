"""Printers of any make as their standards show them (SNMP per RFC 3805 and RFC 2790, IPP per PWG 5100): found, read.

What differs between vendors stands in `vendors/*.yaml`, not in code.
"""
