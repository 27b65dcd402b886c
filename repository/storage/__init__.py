"""The record layer: the database, the change log in it, and the objects (file bytes) beside it."""
