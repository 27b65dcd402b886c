"""The domain, pure: what a record is, when it is right, who may see it. No module here does I/O."""
