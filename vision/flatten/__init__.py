"""From where a mark is to an upright picture of it, with the exact way back to the photo."""
