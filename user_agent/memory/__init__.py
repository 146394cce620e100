"""What a model is shown of a conversation, and what is kept of the rest and of the person."""
