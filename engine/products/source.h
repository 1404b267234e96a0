/* source.h - images as the kernels of a stencil read them: where they are, or a chunk of them in a workspace, with
 * their lines padded or laid side by side. */
#ifndef NN_SOURCE_H
#define NN_SOURCE_H

#include "base/team.h"
#include "products/stencil.h"

/* Floats of one image as the caller has it. */
int64_t nn_source_size(const nn_stencil *);

/* Whether a chunk of images is better laid side by side: cell by cell, each with that cell of all images. A tile then
 * holds the same output of many images instead of neighbouring outputs. All taps outside of the image are left out,
 * those along lines too, and short lines fill the tiles. It must save enough to be worth the copy. Sums have the same
 * order. */
bool nn_source_is_across(const nn_stencil *, int64_t images);
/* The stencil for images side by side: they are the last axis, and the others move up. */
nn_stencil nn_source_across(const nn_stencil *, int64_t images);

/* How many of the images are in the workspace at a time, and the floats it needs. */
int64_t nn_source_chunk(const nn_stencil *, int64_t images, bool is_across);
int64_t nn_source_workspace(const nn_stencil *, int64_t images);
/* Brings a chunk of images there, if they have to be changed; returns where the kernels read them. */
const float *nn_source_place(nn_team *, const nn_stencil *, float *workspace, const float *images, int64_t count,
                             bool is_across);

#endif
