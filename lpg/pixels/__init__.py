"""Arrays in, arrays out: pictures, windows, boxes as pixels, colours, edges, CRF, fusion. No networks."""
