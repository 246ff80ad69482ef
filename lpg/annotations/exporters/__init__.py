"""Other people's formats, out: a module for each, all given the same photographs."""
