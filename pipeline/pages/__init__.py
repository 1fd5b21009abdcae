"""Readers of files that hold pages: PDF and pictures, laid out by geometry, with OCR and signatures."""
