--- Datasets (`nn.data`); see nn.data.dataset.
return require "nn.data.dataset"
