"""The web application: page, HTTP API, storage per user."""
