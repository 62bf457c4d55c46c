"""All that can be wrong with an installation, checked one thing at a time."""
