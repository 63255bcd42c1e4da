"""How the weights that find a head's band of text are made: faces rendered whole, and the fit."""
