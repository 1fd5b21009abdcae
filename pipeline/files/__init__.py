"""Readers of files that hold text: one for each kind of file."""
