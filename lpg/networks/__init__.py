"""Every network in a file of its own, and the registry that names them: architecture, weights, numbers."""
