"""The commands: a module per verb, its function of the same name, loaded when it is used.

To add one, write the module here and its summary in `cli/app.py`; options come from the settings'
fields (`cli/settings_options.py`).
"""
