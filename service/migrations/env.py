"""What Alembic runs for each command: the steps, on the connection and in the transaction of the caller."""

from alembic import context

from service.tables import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
context.run_migrations()
