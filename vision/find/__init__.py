"""Where marks are in a photo."""
