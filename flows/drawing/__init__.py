"""How does what an author wrote look as a picture?"""
