"""Where data come from: downloads of the paper's datasets, and the drawn ones of the demo."""
