"""Photographs, and all that is made of them, side by side."""
