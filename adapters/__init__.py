"""Talk to the world."""
