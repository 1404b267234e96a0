/* libtorch.cpp - PyTorch's library from C++. */
#include <torch/torch.h>

#include "../workload.h"

namespace F = torch::nn::functional;
using torch::Tensor;

namespace {

struct Data {
  Tensor x, y, x_test, y_test;
};

Tensor over(const bench_matrix &m) { return torch::from_blob(m.data, {m.rows, m.width}); }

Data tensors(const bench_workload &w, const bench_data &d) {
  Data t{over(d.x), over(d.y), over(d.x_test), over(d.y_test)};
  if (strcmp(w.loss, "crossentropy") == 0) {
    t.y = t.y.flatten().to(torch::kLong);
    t.y_test = t.y_test.flatten().to(torch::kLong);
  }
  return t;
}

torch::nn::Sequential build(const bench_workload &w) {
  torch::nn::Sequential model;
  for (int l = 0; l + 1 < w.layer_count; l++) {
    torch::nn::Linear linear(w.layers[l], w.layers[l + 1]);
    torch::nn::init::xavier_uniform_(linear->weight);
    torch::nn::init::zeros_(linear->bias);
    model->push_back(linear);
    if (l + 2 < w.layer_count)
      model->push_back(torch::nn::Functional(torch::relu));
  }
  return model;
}

std::unique_ptr<torch::optim::Optimizer> new_optimizer(const bench_workload &w, torch::nn::Sequential &model) {
  if (strcmp(w.optimizer, "rmsprop") == 0)
    return std::make_unique<torch::optim::RMSprop>(model->parameters(),
                                                   torch::optim::RMSpropOptions(w.rate).alpha(0.9).eps(1e-7));
  return std::make_unique<torch::optim::Adam>(model->parameters(), torch::optim::AdamOptions(w.rate).eps(1e-7));
}

Tensor loss_of(const bench_workload &w, const Tensor &z, const Tensor &y) {
  if (strcmp(w.loss, "crossentropy") == 0)
    return F::cross_entropy(z, y);
  return strcmp(w.loss, "mse") == 0 ? F::mse_loss(z, y) : F::binary_cross_entropy_with_logits(z, y);
}

double train(const bench_workload &w, const Data &d, torch::nn::Sequential &model) {
  auto optimizer = new_optimizer(w, model);
  std::vector<Tensor> parameters = model->parameters();
  double started = bench_now();
  for (long epoch = 0; epoch < w.epochs; epoch++)
    for (const Tensor &batch : torch::randperm(w.samples).split(w.batch)) {
      Tensor loss = loss_of(w, model->forward(d.x.index_select(0, batch)), d.y.index_select(0, batch));
      for (Tensor &parameter : parameters)
        parameter.mutable_grad().reset(); /* cheaper than zeros */
      loss.backward();
      optimizer->step();
    }
  return bench_now() - started;
}

double score(const bench_workload &w, const Data &d, torch::nn::Sequential &model) {
  torch::InferenceMode guard;
  Tensor z = model->forward(d.x_test);
  if (strcmp(w.loss, "crossentropy") == 0)
    return (z.argmax(1) == d.y_test).to(torch::kFloat).mean().item<double>();
  if (strcmp(w.loss, "mse") == 0)
    return F::mse_loss(z, d.y_test).item<double>();
  return ((z > 0).to(torch::kFloat) == d.y_test).to(torch::kFloat).mean().item<double>();
}

double predict(const bench_workload &w, const Data &d, torch::nn::Sequential &model) {
  torch::InferenceMode guard;
  Tensor x = d.x_test.slice(0, 0, w.samples);
  double started = bench_now();
  for (long pass = 0; pass < w.epochs; pass++) {
    std::vector<Tensor> parts;
    for (const Tensor &part : x.split(w.batch))
      parts.push_back(model->forward(part).softmax(1));
    torch::cat(parts);
  }
  return bench_now() - started;
}

} // namespace

int main(int argc, char **argv) {
  bench_workload w;
  bench_data raw = {};
  at::set_num_threads(bench_threads(argc, argv));
  at::globalContext().setFlushDenormal(true);
  while (bench_next(&w)) {
    bench_load(&raw, &w);
    Data d = tensors(w, raw);
    torch::manual_seed(w.seed);
    torch::nn::Sequential model = build(w);
    if (strcmp(w.task, "predict") == 0) {
      bench_answer_seconds(predict(w, d, model));
    } else {
      double seconds = train(w, d, model);
      bench_answer(seconds, score(w, d, model));
    }
  }
  return 0;
}
