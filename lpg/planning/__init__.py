"""What is computed, before anything is: configuration, runs, the recursion over stages, targets. No torch here."""
