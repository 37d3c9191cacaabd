"""How the Blender extension is put together: platforms, locked wheels, licences, staging."""
