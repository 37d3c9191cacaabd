"""What scripts/panel_screenshots.py photographs, and how a part of the window becomes a JPEG."""
