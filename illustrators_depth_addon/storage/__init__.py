"""What is kept with a picture in the .blend: its depth, its layers, their list."""
