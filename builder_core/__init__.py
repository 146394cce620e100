"""The builder: a conversation becomes a validated configuration."""
