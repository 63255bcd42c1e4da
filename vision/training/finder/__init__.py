"""How the finder's weights are made: round things that are no heads, evidence on renders, and the fit."""
