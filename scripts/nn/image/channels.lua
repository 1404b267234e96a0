--- How many channels a picture of each color_mode has.
return { grayscale = 1, rgb = 3, rgba = 4 }
