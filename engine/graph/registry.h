/* registry.h - the table of contents of the engine. */
#ifndef NN_REGISTRY_H
#define NN_REGISTRY_H

#include "graph/layer.h"
#include "losses/loss.h"
#include "metrics/metric.h"
#include "optimizers/optimizer.h"

extern const nn_layer *const nn_layers[]; /* each list ends with NULL */
extern const nn_loss *const nn_losses[];
extern const nn_optimizer *const nn_optimizers[];
extern const nn_metric *const nn_metrics[];

const nn_layer *nn_find_layer(const char *name);
const nn_loss *nn_find_loss(const char *name);
const nn_optimizer *nn_find_optimizer(const char *name);
const nn_metric *nn_find_metric(const char *name);

#endif
