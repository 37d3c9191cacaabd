"""A layer stack as image planes, with its camera, and as a pop-up card."""
