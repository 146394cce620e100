"""`python -m agentfabric`: what the page does, for terminals and scripts."""
