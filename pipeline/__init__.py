"""Order: read, normalise, segment, extract, load; and the command line."""
