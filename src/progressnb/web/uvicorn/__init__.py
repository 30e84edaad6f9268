"""The socket: uvicorn with the changes that the app needs."""
