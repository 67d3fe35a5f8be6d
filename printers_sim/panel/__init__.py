"""The panel of a printer at which people release their jobs: it calls the print server, as real panels do."""
