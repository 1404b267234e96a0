/* registry.c - the table of contents of the engine: one line for each layer, loss, optimizer and metric. */
#include <string.h>

#include "nn.h"

/* clang-format off */
#define LAYERS(LIST)                                                                                                   \
  LIST(input)                                                                                                          \
  LIST(dense)                                                                                                          \
  LIST(embedding) LIST(activation) LIST(prelu) LIST(masked_softmax) LIST(flatten) LIST(reshape) LIST(permute)          \
      LIST(repeat_vector) LIST(merge) LIST(concatenate) LIST(dot) LIST(dropout) LIST(gaussian_noise)                   \
          LIST(gaussian_dropout) LIST(alpha_dropout) LIST(activity_regularization) LIST(batch_normalization)           \
              LIST(layer_normalization) LIST(group_normalization) LIST(unit_normalization) LIST(rms_normalization)     \
                  LIST(normalization) LIST(rescaling) LIST(discretization) LIST(category_encoding)                     \
                      LIST(global_average_pooling) LIST(global_max_pooling) LIST(mask) LIST(lambda) LIST(glu)

#define LOSSES(LIST)                                                                                                   \
  LIST(sparse_categorical_crossentropy)                                                                                \
  LIST(categorical_crossentropy)                                                                                       \
  LIST(binary_crossentropy) LIST(binary_focal_crossentropy) LIST(categorical_focal_crossentropy)                       \
      LIST(categorical_generalized_cross_entropy) LIST(mean_squared_error) LIST(mean_absolute_error)                   \
          LIST(mean_absolute_percentage_error) LIST(mean_squared_logarithmic_error) LIST(huber) LIST(log_cosh)         \
              LIST(poisson) LIST(kl_divergence) LIST(cosine_similarity) LIST(hinge) LIST(squared_hinge)                \
                  LIST(categorical_hinge) LIST(dice) LIST(tversky) LIST(circle)

#define OPTIMIZERS(LIST)                                                                                               \
  LIST(sgd)                                                                                                            \
  LIST(rmsprop)                                                                                                        \
  LIST(adam) LIST(adamax) LIST(nadam) LIST(adagrad) LIST(adadelta) LIST(adafactor) LIST(ftrl) LIST(lion) LIST(lamb)

#define METRICS(LIST)                                                                                                  \
  LIST(accuracy)                                                                                                       \
  LIST(binary_accuracy)                                                                                                \
  LIST(categorical_accuracy) LIST(sparse_categorical_accuracy) LIST(top_k_categorical_accuracy)                        \
      LIST(sparse_top_k_categorical_accuracy) LIST(squared_errors) LIST(variances) LIST(pearson_correlation)           \
          LIST(concordance_correlation) LIST(threshold_counts) LIST(label_counts) LIST(class_counts)
/* clang-format on */

#define DECLARE_LAYER(name)     extern const nn_layer nn_layer_##name;
#define DECLARE_LOSS(name)      extern const nn_loss nn_loss_##name;
#define DECLARE_OPTIMIZER(name) extern const nn_optimizer nn_optimizer_##name;
#define DECLARE_METRIC(name)    extern const nn_metric nn_metric_##name;
LAYERS(DECLARE_LAYER)
LOSSES(DECLARE_LOSS)
OPTIMIZERS(DECLARE_OPTIMIZER)
METRICS(DECLARE_METRIC)

#define LAYER(name)     &nn_layer_##name,
#define LOSS(name)      &nn_loss_##name,
#define OPTIMIZER(name) &nn_optimizer_##name,
#define METRIC(name)    &nn_metric_##name,
const nn_layer *const nn_layers[] = {LAYERS(LAYER) NULL};
const nn_loss *const nn_losses[] = {LOSSES(LOSS) NULL};
const nn_optimizer *const nn_optimizers[] = {OPTIMIZERS(OPTIMIZER) NULL};
const nn_metric *const nn_metrics[] = {METRICS(METRIC) NULL};

#define FIND(kind, list)                                                                                               \
  const nn_##kind *nn_find_##kind(const char *name) {                                                                  \
    for (const nn_##kind *const *each = list; *each; each++)                                                           \
      if (strcmp((*each)->name, name) == 0)                                                                            \
        return *each;                                                                                                  \
    return NULL;                                                                                                       \
  }
FIND(layer, nn_layers)
FIND(loss, nn_losses)
FIND(optimizer, nn_optimizers)
FIND(metric, nn_metrics)
