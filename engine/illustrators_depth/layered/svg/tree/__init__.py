"""Changes to an SVG's tree before it is taken apart, after which it is drawn as before."""
