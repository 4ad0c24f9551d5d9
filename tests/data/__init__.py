"""The stores: built, refused, read and survived."""
