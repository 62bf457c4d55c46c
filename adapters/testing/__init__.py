"""Play the transcripts of a folder: the command `baton test`."""
