"""Questions of public tables for the rules of `chart`."""
