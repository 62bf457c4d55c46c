"""What did the author write?"""
