"""How each file format is read for translation and written back: everything that is not text stays as it is."""
