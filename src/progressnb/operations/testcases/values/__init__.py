"""Values for the schemas of a specification: valid ones, invalid variants, and how they are written into a request."""
