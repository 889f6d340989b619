"""What a photo gives away before it is published: findability, metadata, a clean copy."""
