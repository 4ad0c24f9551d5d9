"""What maintainers run: translations and the page of charts. Not in the image."""
