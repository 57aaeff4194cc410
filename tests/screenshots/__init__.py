"""`make screenshots`: the pictures of README and docs, made anew from the product as it is."""
