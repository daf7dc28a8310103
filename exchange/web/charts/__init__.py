"""Pictures of data, drawn on the server as SVG: no script, no inline style, readable by voice.

Each picture has a title and a description in words; colours come from classes alone.
"""
