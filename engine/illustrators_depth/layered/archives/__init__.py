"""Layered files that are zip archives: OpenRaster and Krita."""
