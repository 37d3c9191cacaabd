"""What areas are filled with.

In come the pixels of a layer, out go its paints, flat or gradients, and which of them each pixel
has: for flat areas (`palette`), shaded ones (`assign_paints`, `posterize`) and strokes (`inks`).
"""
