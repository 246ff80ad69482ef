"""What `lpg` does, a module for each of its commands: arguments in, calls of the library, words out."""
