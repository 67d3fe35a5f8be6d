"""Scanners over the network by eSCL (Mopria eSCL 2.97), as AirScan and most multifunction printers speak it."""
