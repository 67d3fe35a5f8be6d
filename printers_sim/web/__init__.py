"""What a printer answers over HTTP: its management API, its web pages, IPP; one socket for all printers."""
