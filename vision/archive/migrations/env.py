"""What Alembic runs: the steps of versions/, on the connection that vision.archive.connect hands over."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
