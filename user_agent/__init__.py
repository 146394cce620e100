"""The runtime that makes a configuration live. Knows no users, no page and no environment variables."""
