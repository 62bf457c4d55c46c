"""Show it all on one machine, with no account: the real engine, and a fake Meta."""
