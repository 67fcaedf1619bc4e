"""The state: SQLAlchemy Core tables on SQLite, and the queries on them."""
