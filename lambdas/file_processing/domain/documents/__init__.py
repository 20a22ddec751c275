"""Text of documents: what a reader sees of them, and what they say about themselves."""
