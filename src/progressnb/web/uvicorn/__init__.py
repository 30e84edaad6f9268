"""A socket for the app: uvicorn, as far as its own parts have to be changed."""
