"""How stores of older versions become stores of this one: Alembic's steps, run by vision.archive.connect."""
