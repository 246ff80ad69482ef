"""WSSL (Papandreou et al., ICCV 2015): a dense CRF from the boxes, and EM with the segmenter's biased scores."""
