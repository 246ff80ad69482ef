"""Pixels: pictures from disk, windows, boxes as pixels, run lengths, colours, edges, CRF, fusion. No networks."""
