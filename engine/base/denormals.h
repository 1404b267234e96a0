/* denormals.h - numbers so close to 0 that processors compute slowly with them. */
#ifndef NN_DENORMALS_H
#define NN_DENORMALS_H

/* Denormal numbers in an optimizer's state make steps several times slower and change nothing worth having. Each thread
 * has a mode of its own; the one before is returned. */
unsigned nn_flush_denormals(void);
void nn_restore_denormals(unsigned before);

#endif
