from .fetching import fetch as fetch
