"""An object in the import bucket becomes facts and rollups."""
