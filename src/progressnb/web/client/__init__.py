"""The client: an address, two transports, and a run that is read from a server."""
