"""The database: its tables and views, what is written into it, kept, corrected, published and asked."""
