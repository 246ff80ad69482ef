"""Masks and segmenters against ground truth, in numbers, tables and pictures."""
