"""What leaves the store as a file: the register as XLSX, deadlines as iCalendar, any rows as a table."""
