--- Data sets for experiments, as Keras' `keras.datasets`.
-- Each is looked for as NAME/FILE (or FILE.gz) in `$NNRUN_DATA`, `./data` and `$XDG_DATA_HOME/nnrun`
-- (`~/.local/share/nnrun`), downloaded to the last if it is nowhere, and compared with its checksum each time.
-- @usage local x_train, y_train, x_test, y_test = nn.datasets.mnist.load_data()
-- @module nn.datasets
local generated = require "nn.datasets.generated"
local sources = require "nn.datasets.sources"
local time_series = require "nn.datasets.time_series"

return {
  airline_passengers = time_series.airline_passengers,
  california_housing = require "nn.datasets.california_housing",
  cifar10 = require "nn.datasets.cifar10",
  cifar100 = require "nn.datasets.cifar100",
  daily_min_temperatures = time_series.daily_min_temperatures,
  don_quijote = require "nn.datasets.don_quijote",
  etth1 = time_series.etth1,
  fashion_mnist = require "nn.datasets.fashion_mnist",
  glove = require "nn.datasets.glove",
  imdb = require "nn.datasets.imdb",
  iris = require "nn.datasets.iris",
  make_circles = generated.make_circles,
  make_moons = generated.make_moons,
  make_spirals = generated.make_spirals,
  make_xor = generated.make_xor,
  mnist = require "nn.datasets.mnist",
  monthly_sunspots = time_series.monthly_sunspots,
  tinyshakespeare = require "nn.datasets.tinyshakespeare",
  source_of = sources.source_of,
  loaded = sources.loaded,
}
