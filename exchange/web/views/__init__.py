"""Views parse, make one call, render. One module for each kind of page."""
