"""The web side: the webhook and the pages."""
