"""The truth check: claims of a new resume that the old one does not support, and their removal."""
