"""Knowledge: how Vietnamese dispatches say things. Text in, record entries out."""
