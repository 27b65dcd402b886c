"""Colophon: a repository for research data and publications. The architecture is drawn in docs/architecture.md."""

__version__ = "0.1.0"
