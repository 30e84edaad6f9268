"""Charts without a model: a question in English is parsed by fixed rules, drafted as SQL, and checked with pandas."""
