"""The OpenAPI specification: reading and validating it, and its endpoints and schemas as Python data."""
