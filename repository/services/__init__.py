"""What people do, as functions: each reads and validates first, then writes in one short transaction of its own."""
