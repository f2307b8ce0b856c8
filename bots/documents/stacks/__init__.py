"""Kinds of document, and stacks of scans split into them."""
