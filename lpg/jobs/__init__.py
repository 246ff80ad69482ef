"""What a step needs around it: its log, its machine, its processes, and what made its output."""
