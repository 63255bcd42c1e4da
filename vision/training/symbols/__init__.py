"""Factory symbols: their drawings, renders of them, and the network that tells them apart."""
