"""What is worked out from the loaded records before they are published: families, links, citations, search."""
