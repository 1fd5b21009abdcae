"""Shapes: what one room of the house hands to the next. No machine learning lives here."""
