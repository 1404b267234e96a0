/* stb.c - the code of stb_image and its sisters: somebody else's, kept apart so that warnings and sanitizers can be set
 * aside for it alone. */
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpointer-arith"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

/* JPEG is libjpeg-turbo's. The other formats have no signature to know them by, or a decoder known to trip over damaged
 * files. */
#define STBI_ONLY_PNG
#define STBI_ONLY_BMP
#define STB_IMAGE_IMPLEMENTATION
#include <stb/stb_image.h>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb/stb_image_write.h>
