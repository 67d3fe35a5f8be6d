"""Panel apps over the whole fleet: the catalogue of versions, and what printers have (FL-284…FL-288)."""
