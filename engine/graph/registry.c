/* registry.c - the table of contents of the engine: one line for each layer, loss, optimizer and metric, sorted. */
#include <string.h>

#include "registry.h"

/* clang-format off */
#define LAYERS(LIST)                                                                                                   \
  LIST(activation)                                                                                                     \
  LIST(activity_regularization)                                                                                        \
  LIST(alpha_dropout)                                                                                                  \
  LIST(attention)                                                                                                      \
  LIST(average_pooling)                                                                                                \
  LIST(batch_normalization)                                                                                            \
  LIST(category_encoding)                                                                                              \
  LIST(concatenate)                                                                                                    \
  LIST(conv)                                                                                                           \
  LIST(conv_transpose)                                                                                                 \
  LIST(dense)                                                                                                          \
  LIST(discretization)                                                                                                 \
  LIST(dot)                                                                                                            \
  LIST(dropout)                                                                                                        \
  LIST(embedding)                                                                                                      \
  LIST(flatten)                                                                                                        \
  LIST(gaussian_dropout)                                                                                               \
  LIST(gaussian_noise)                                                                                                 \
  LIST(global_average_pooling)                                                                                         \
  LIST(global_max_pooling)                                                                                             \
  LIST(glu)                                                                                                            \
  LIST(group_normalization)                                                                                            \
  LIST(gru)                                                                                                            \
  LIST(image_color)                                                                                                    \
  LIST(image_transform)                                                                                                \
  LIST(input)                                                                                                          \
  LIST(lambda)                                                                                                         \
  LIST(layer_normalization)                                                                                            \
  LIST(lstm)                                                                                                           \
  LIST(mask)                                                                                                           \
  LIST(masked_softmax)                                                                                                 \
  LIST(max_pooling)                                                                                                    \
  LIST(merge)                                                                                                          \
  LIST(mix)                                                                                                            \
  LIST(normalization)                                                                                                  \
  LIST(permute)                                                                                                        \
  LIST(prelu)                                                                                                          \
  LIST(random_erasing)                                                                                                 \
  LIST(repeat_vector)                                                                                                  \
  LIST(rescaling)                                                                                                      \
  LIST(reshape)                                                                                                        \
  LIST(rms_normalization)                                                                                              \
  LIST(separable_conv)                                                                                                 \
  LIST(simple_rnn)                                                                                                     \
  LIST(spectral_normalization)                                                                                         \
  LIST(unit_normalization)                                                                                             \
  LIST(variable)

#define LOSSES(LIST)                                                                                                   \
  LIST(binary_crossentropy)                                                                                            \
  LIST(binary_focal_crossentropy)                                                                                      \
  LIST(categorical_crossentropy)                                                                                       \
  LIST(categorical_focal_crossentropy)                                                                                 \
  LIST(categorical_generalized_cross_entropy)                                                                          \
  LIST(categorical_hinge)                                                                                              \
  LIST(circle)                                                                                                         \
  LIST(cosine_similarity)                                                                                              \
  LIST(dice)                                                                                                           \
  LIST(hinge)                                                                                                          \
  LIST(huber)                                                                                                          \
  LIST(kl_divergence)                                                                                                  \
  LIST(log_cosh)                                                                                                       \
  LIST(mean_absolute_error)                                                                                            \
  LIST(mean_absolute_percentage_error)                                                                                 \
  LIST(mean_squared_error)                                                                                             \
  LIST(mean_squared_logarithmic_error)                                                                                 \
  LIST(poisson)                                                                                                        \
  LIST(sparse_categorical_crossentropy)                                                                                \
  LIST(squared_hinge)                                                                                                  \
  LIST(tversky)                                                                                                        \
  LIST(value)

#define OPTIMIZERS(LIST)                                                                                               \
  LIST(adadelta)                                                                                                       \
  LIST(adafactor)                                                                                                      \
  LIST(adagrad)                                                                                                        \
  LIST(adam)                                                                                                           \
  LIST(adamax)                                                                                                         \
  LIST(ftrl)                                                                                                           \
  LIST(lamb)                                                                                                           \
  LIST(lion)                                                                                                           \
  LIST(nadam)                                                                                                          \
  LIST(rmsprop)                                                                                                        \
  LIST(sgd)

#define METRICS(LIST)                                                                                                  \
  LIST(accuracy)                                                                                                       \
  LIST(binary_accuracy)                                                                                                \
  LIST(categorical_accuracy)                                                                                           \
  LIST(class_counts)                                                                                                   \
  LIST(concordance_correlation)                                                                                        \
  LIST(label_counts)                                                                                                   \
  LIST(pearson_correlation)                                                                                            \
  LIST(sparse_categorical_accuracy)                                                                                    \
  LIST(sparse_top_k_categorical_accuracy)                                                                              \
  LIST(squared_errors)                                                                                                 \
  LIST(threshold_counts)                                                                                               \
  LIST(top_k_categorical_accuracy)                                                                                     \
  LIST(value)                                                                                                          \
  LIST(variances)
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
