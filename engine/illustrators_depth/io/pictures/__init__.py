"""Pictures of any common format to an Image: straight alpha, sRGB, float32.

`read_image` is the door, `describe` tells of a file without decoding it. `picture_file` refuses
what is no picture or too large, before any memory is taken; the other modules each know one format
or one step on the way. To read a further format, add its decoder here and a branch to `read_image`.
This package imports nothing by itself: take what you need from its module.
"""
