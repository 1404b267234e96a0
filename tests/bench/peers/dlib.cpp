/* dlib.cpp - dlib's deep networks. Depth and loss are part of a network's type there, so each kind is spelled out;
 * batches go straight into a tensor, without dlib's trainer and its threads, which would only cost time here. */
#include <algorithm>
#include <numeric>
#include <random>
#if defined __SSE__
#include <xmmintrin.h>
#endif

#include <dlib/dnn.h>

#include "../workload.h"

namespace {

template <typename SUBNET> using hidden = dlib::relu<dlib::fc<1, SUBNET>>;
using input = dlib::input<dlib::matrix<float>>;
using two_hidden = hidden<hidden<input>>;
using five_hidden = hidden<hidden<hidden<two_hidden>>>;
template <typename BODY> using classifier = dlib::loss_multiclass_log<dlib::fc<1, BODY>>;
template <typename BODY> using regressor = dlib::loss_mean_squared<dlib::fc<1, BODY>>;

/* The widths, from the output back to the input: fc layers are every other one. */
struct set_widths {
  const bench_workload &w;
  mutable int layer;
  template <unsigned long N, dlib::fc_bias_mode B, typename SUBNET>
  void operator()(size_t, dlib::add_layer<dlib::fc_<N, B>, SUBNET> &l) const {
    l.layer_details().set_num_outputs(w.layers[layer--]);
  }
  template <typename ANY> void operator()(size_t, ANY &) const {}
};

template <typename NET> NET build(const bench_workload &w) {
  NET net;
  std::srand(static_cast<unsigned>(w.seed)); /* dlib takes its initial weights from there */
  dlib::visit_layers(net, set_widths{w, w.layer_count - 1});
  dlib::matrix<float> sample(w.layers[0], 1);
  sample = 0;
  dlib::resizable_tensor ignored;
  net.to_tensor(&sample, &sample + 1, ignored); /* tells the network that a sample is one row */
  return net;
}

void fill(dlib::resizable_tensor &x, const bench_matrix &from, const long *order, long rows) {
  x.set_size(rows, from.width, 1, 1);
  float *out = x.host_write_only();
  for (long r = 0; r < rows; r++)
    std::copy_n(from.data + order[r] * from.width, from.width, out + r * from.width);
}

template <typename LABEL, typename NET> double train(const bench_workload &w, const bench_data &d, NET &net) {
  std::vector<dlib::adam> solvers(NET::num_computational_layers, dlib::adam(0, 0.9f, 0.999f));
  std::vector<LABEL> labels(w.batch);
  std::vector<long> order(w.samples);
  std::iota(order.begin(), order.end(), 0);
  std::mt19937 random(static_cast<unsigned>(w.seed));
  dlib::resizable_tensor x;
  double started = bench_now();
  for (long epoch = 0; epoch < w.epochs; epoch++) {
    std::shuffle(order.begin(), order.end(), random);
    for (long first = 0; first < w.samples; first += w.batch) {
      long rows = bench_least(w.batch, w.samples - first);
      fill(x, d.x, &order[first], rows);
      for (long r = 0; r < rows; r++)
        labels[r] = static_cast<LABEL>(d.y.data[order[first + r]]);
      net.compute_parameter_gradients(x, labels.begin());
      net.update_parameters(solvers, w.rate);
    }
  }
  return bench_now() - started;
}

/* Calls use(first, rows, output) for the test set, batch after batch. */
template <typename NET, typename USE>
void walk(const bench_matrix &from, long samples, long batch, NET &net, const USE &use) {
  std::vector<long> order(samples);
  std::iota(order.begin(), order.end(), 0);
  dlib::resizable_tensor x;
  for (long first = 0; first < samples; first += batch) {
    long rows = bench_least(batch, samples - first);
    fill(x, from, &order[first], rows);
    use(first, rows, net.subnet().forward(x));
  }
}

template <typename NET> double score(const bench_workload &w, const bench_data &d, NET &net) {
  double sum = 0;
  long outputs = w.layers[w.layer_count - 1];
  walk(d.x_test, d.x_test.rows, 1000, net, [&](long first, long rows, const dlib::tensor &out) {
    const float *z = out.host();
    for (long r = 0; r < rows; r++, z += outputs) {
      float y = d.y_test.data[first + r];
      sum += outputs == 1 ? (z[0] - y) * (z[0] - y) : std::max_element(z, z + outputs) - z == static_cast<long>(y);
    }
  });
  return sum / static_cast<double>(d.x_test.rows);
}

template <typename NET> double predict(const bench_workload &w, const bench_data &d, NET &net) {
  dlib::resizable_tensor p;
  double started = bench_now();
  for (long pass = 0; pass < w.epochs; pass++)
    walk(d.x_test, w.samples, w.batch, net, [&](long, long, const dlib::tensor &out) {
      p.copy_size(out);
      dlib::tt::softmax(p, out);
    });
  return bench_now() - started;
}

template <typename NET, typename LABEL> void run(const bench_workload &w, const bench_data &d) {
  NET net = build<NET>(w);
  if (strcmp(w.task, "predict") == 0) {
    bench_answer_seconds(predict(w, d, net));
    return;
  }
  double seconds = train<LABEL>(w, d, net);
  bench_answer(seconds, score(w, d, net));
}

} // namespace

int main() {
  bench_workload w;
  bench_data d = {};
#if defined __SSE__
  _mm_setcsr(_mm_getcsr() | 0x8040); /* denormals become zero: in Adam's state they cost a factor of three */
#endif
  while (bench_next(&w)) {
    int hidden_layers = w.layer_count - 2;
    bool classes = strcmp(w.loss, "crossentropy") == 0;
    bench_load(&d, &w);
    if (strcmp(w.optimizer, "adam") != 0)
      bench_skip("has no rmsprop");
    else if (classes && hidden_layers == 2)
      run<classifier<two_hidden>, unsigned long>(w, d);
    else if (classes && hidden_layers == 5)
      run<classifier<five_hidden>, unsigned long>(w, d);
    else if (strcmp(w.loss, "mse") == 0 && hidden_layers == 2)
      run<regressor<two_hidden>, float>(w, d);
    else
      bench_skip("no network of that kind is written for it");
  }
  return 0;
}
