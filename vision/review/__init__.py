"""Where people decide: the page (app.py), the decision log (log.py) and its verifier (verify.py), accounts, queue."""
