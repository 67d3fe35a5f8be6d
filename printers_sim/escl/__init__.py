"""Scanning over the network as the Mopria eSCL specification has it: what AirScan, SANE and Windows scan by."""
