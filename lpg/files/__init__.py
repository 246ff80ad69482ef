"""One module per file that the method makes: what writes it stands beside what reads it."""
