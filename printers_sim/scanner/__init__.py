"""The scanner of a simulated printer: originals that it draws itself, a feeder and a glass, and what goes wrong."""
