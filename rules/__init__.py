"""Given these values, what holds?"""
