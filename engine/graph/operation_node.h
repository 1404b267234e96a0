/* operation_node.h - nodes that are operations of the table (operations/operation.h). */
#ifndef NN_OPERATION_NODE_H
#define NN_OPERATION_NODE_H

#include "graph/node.h"
#include "operations/operation.h"

extern const nn_layer nn_layer_operation;

/* Bytes of node->use. */
size_t nn_operation_use_size(int input_count);
/* Floats of scratch memory that the node needs for so many rows. */
int64_t nn_operation_scratch(const nn_node *, int64_t rows);

#endif
