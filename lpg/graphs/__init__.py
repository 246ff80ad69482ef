"""Trained networks as graphs of ONNX, for use without lpg and without torch."""
