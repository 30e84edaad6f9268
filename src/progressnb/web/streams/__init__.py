"""Streams: a run as server-sent events or WebSocket frames, read by cursors that share their bytes."""
