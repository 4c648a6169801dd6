"""How the house is doing: asked by programs, shown on the first page, and noticed by itself."""
