--- Parts of an experiment's data that are given as datasets.
--
-- Validation and test data are gathered into tensors once: trials, reports and the test data's guard look at them as at
-- any others. Training data stay a dataset. If its rows are in memory, they describe it; of a stream only the first
-- batch is looked at.
local blame = require "nn.support.blame"
local digest = require "nn.support.digest"
local models = require "nn.models.from_dataset"
local node = require "nn.data.node"
local pass = require "nn.data.pass"
local structure = require "nn.data.structure"
local tensor = require "nn.tensor"

local from_dataset = {}

--- The dataset that a value stands for, or nil.
-- @function of
from_dataset.of = models.of

local function check_values(dataset, element, what)
  if dataset.is_batched == false then
    blame("%s: the dataset gives single samples, not batches of them; add :batch(32) to it", what)
  elseif element.n ~= 2 and element.n ~= 3 then
    blame("%s: expected a dataset of batches of x and y, or of x, y and weights, got one of %d value%s", what,
      element.n, element.n == 1 and "" or "s")
  end
end

-- Joins batches along the samples' axis.
local function join(elements, what)
  return structure.batch(elements, what, function(leaves, about)
    for i, leaf in ipairs(leaves) do
      if not tensor.is_tensor(leaf) then blame("%s: expected tensors, got %s", about, blame.got(leaf)) end
      if table.concat(leaf.shape, "x", 2) ~= table.concat(leaves[1].shape, "x", 2) then
        blame("%s: all batches are gathered here, so their samples must have one shape, but batch %d has another "
          .. "than the first; padded_batch with padded_shapes makes lengths equal", about, i)
      end
    end
    return #leaves == 1 and leaves[1] or tensor.concatenate(leaves, 1)
  end)
end

-- All rows of a plan as one element; those of the tensors themselves if they are taken as they lie.
local function rows_of(known)
  local positions = known.positions(pass.once())
  if positions then return structure.gather(known.columns, positions) end
  if structure.row_count(known.columns) == known.count then return known.columns end
  return structure.slice(known.columns, 1, known.count)
end

local function blame_empty(what) blame("%s: the dataset is empty: it gave no batch", what) end

--- All batches of a dataset as one.
-- @tparam Dataset dataset
-- @tparam string what "validation" or "test"
-- @treturn {x,y,weights} weights: nil if there are none
function from_dataset.gather(dataset, what)
  if node.count(dataset) == math.huge then
    blame("%s: the dataset never ends; add :take(n), as all of it is gathered", what)
  end
  local known = node.plan(dataset)
  local all
  if known and known.batch and known.count > 0 then
    all = rows_of(known)
  else
    local list = {}
    for element in node.open(dataset, pass.once()) do list[#list + 1] = element end
    if #list == 0 then blame_empty(what) end
    all = join(list, what)
  end
  check_values(dataset, all, what)
  return { all[1], all[2], all[3] }
end

--- What is known of training data before they are read.
-- @tparam Dataset dataset
-- @tparam string what "train"
-- @treturn table given: { x, y, weights } of all rows, or of the first batch; is_stream: whether it is the latter;
-- fingerprint, and unknown: what has none, see nn.support.digest
function from_dataset.describe(dataset, what)
  local fingerprint, unknown = digest.of(dataset, what)
  local known = node.plan(dataset)
  local is_stream = not (known and known.batch and known.count > 0)
  local element
  if is_stream then
    element = node.open(dataset, pass.once())()
    if not element then blame_empty(what) end
  else
    element = known.count == structure.row_count(known.columns) and known.columns or rows_of(known)
  end
  check_values(dataset, element, what)
  return { given = { element[1], element[2], element[3] }, is_stream = is_stream, fingerprint = fingerprint,
    unknown = unknown }
end

--- A hash of the tensors that a dataset takes its rows from.
function from_dataset.hash_of_tensors(dataset)
  return (digest.of(node.tensors(dataset)))
end

--- The transformations of a dataset as a text, such as "from_tensor_slices, shuffle, batch".
function from_dataset.text(dataset)
  local names = {}
  local function visit(each)
    for _, input in ipairs(each.inputs) do visit(input) end
    names[#names + 1] = each.kind.name
  end
  visit(dataset)
  return table.concat(names, ", ")
end

return from_dataset
