"""The generic generators that the paper compares with, each with all that is its own."""
