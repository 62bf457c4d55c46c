"""The rules nobody may break, each a pure function or a table."""
