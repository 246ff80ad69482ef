"""The E step: learn the class-agnostic generator g on the auxiliary dataset's masks, and apply it to any boxes."""
