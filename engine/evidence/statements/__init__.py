"""Evidence statements: values, sentences, JSON, likelihoods."""
