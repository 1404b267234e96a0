/* nn.h - the public face of the numeric core: one header for each contract.
 *
 * The core knows nothing of Lua, files of scripts, or terminals. It works on tensors (strided views of memory that
 * somebody else owns), on graphs of layers whose memory is planned once, and on runs of batches through such a graph. A
 * function that can fail returns NN_OK or NN_ERROR and leaves a sentence in an nn_error. Nothing in the core prints,
 * exits, long-jumps or allocates inside a batch loop.
 *
 * Shapes of pointers are given as (rows, columns); everything is row-major.
 */
#ifndef NN_H
#define NN_H

#include "base/denormals.h"
#include "base/error.h"
#include "base/field.h"
#include "base/rng.h"
#include "base/team.h"
#include "tensor/activation.h"
#include "graph/constraints.h"
#include "graph/graph.h"
#include "graph/layer.h"
#include "graph/node.h"
#include "graph/registry.h"
#include "graph/regularizers.h"
#include "graph/value.h"
#include "losses/loss.h"
#include "metrics/metric.h"
#include "operations/operation.h"
#include "optimizers/optimizer.h"
#include "products/blas.h"
#include "run/batches.h"
#include "run/observer.h"
#include "run/optimization.h"
#include "run/pace.h"
#include "run/source.h"
#include "tensor/axes.h"
#include "tensor/tensor.h"

#define NN_VERSION "0.1.0"

#endif
