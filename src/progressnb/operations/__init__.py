"""The operations that ship with progressnb, one package or module each."""
