"""Given a chat and an event, what happens next?"""
