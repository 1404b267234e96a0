--- What attention looks at.
-- @submodule nn.plot
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local heatmap = require "nn.plot.heatmap"
local tensor = require "nn.tensor"

local signature = arguments.signature("plot.attention", {
  { "scores", arguments.required }, { "queries" }, { "keys" }, { "head" }, { "title" }, { "caption" },
})

-- The matrix of one head, or the mean over the heads.
local function matrix_of(scores, head)
  if scores.ndim == 2 then return scores end
  if head == nil then return scores:mean(1) end
  if math.type(head) ~= "integer" or head < 1 or head > #scores then
    blame("plot.attention: head: expected a whole number from 1 to %d, got %s", #scores, blame.got(head))
  end
  return scores[head]
end

--- Draws attention scores: in the row of a token it is the darker, the more attention the token pays to that of the
-- column. A row adds up to 1.
-- @tparam table spec
-- @tparam tensor spec.scores of one sample, also as the first positional argument: (queries, keys), or (heads, queries,
-- keys) as `return_attention_scores = true` gives them
-- @tparam[opt] {string,...} spec.queries the tokens of the rows
-- @tparam[opt] {string,...} spec.keys the tokens of the columns (those of the rows)
-- @tparam[opt] integer spec.head which head, from 1 (the mean over all heads)
-- @tparam[opt] string spec.title
-- @tparam[opt] string spec.caption
-- @treturn table a figure
-- @raise if the scores are not such a tensor, the head is none, or the tokens are too few or too many
-- @usage nn.plot.attention{ nn.tensor{ { 1, 0 }, { 0.3, 0.7 } }, queries = { "to", "be" } }
-- @function attention
return function(spec)
  spec = signature(spec)
  local scores = spec.scores
  if not tensor.is_tensor(scores) or scores.ndim < 2 or scores.ndim > 3 then
    blame("plot.attention: scores: expected a tensor (queries, keys) or (heads, queries, keys) of one sample, got %s",
      tensor.is_tensor(scores) and table.concat(scores.shape, "x") or blame.got(scores))
  end
  return heatmap { title = spec.title, x_label = "looks at", y_label = "token", caption = spec.caption,
    matrix = matrix_of(scores, spec.head), x_names = spec.keys or spec.queries, y_names = spec.queries }
end
