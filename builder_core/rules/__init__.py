"""What the guide understands without a model: rules that read a person's words, and texts made from what they read."""
