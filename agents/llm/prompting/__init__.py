"""Messages, tools and wishes into tokens by the model's own template, and the text that comes back into a reply."""
