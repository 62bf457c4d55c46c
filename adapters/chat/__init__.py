"""Talk with the bot in the terminal: the command `baton chat`."""
