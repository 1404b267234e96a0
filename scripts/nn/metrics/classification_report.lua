--- Precision, recall and F1 of each class: `nn.metrics.classification_report`, as scikit-learn lays it out.
-- @submodule nn.metrics
local arguments = require "nn.support.arguments"
local blame = require "nn.support.blame"
local confusion_matrix = require "nn.metrics.confusion_matrix"

local COLUMNS = { "precision", "recall", "f1-score", "support" }

local function ratio(a, b) return b ~= 0 and a / b or 0.0 end

--- The scores of a class by the row and column of the confusion matrix that are its own.
local function scores_of(matrix, class)
  local support, predicted, right = 0, 0, matrix[class][class]
  for other = 1, #matrix do
    support, predicted = support + matrix[class][other], predicted + matrix[other][class]
  end
  return { precision = ratio(right, predicted), recall = ratio(right, support),
    ["f1-score"] = ratio(2 * right, predicted + support), support = support }, predicted, right
end

--- The mean of each score, where a class weighs what weight_of says.
local function mean(rows, weight_of)
  local result, total, support = { precision = 0, recall = 0, ["f1-score"] = 0 }, 0, 0
  for _, row in ipairs(rows) do
    total, support = total + weight_of(row.scores), support + row.scores.support
    for name, sum in pairs(result) do result[name] = sum + weight_of(row.scores) * row.scores[name] end
  end
  for name, sum in pairs(result) do result[name] = ratio(sum, total) end
  result.support = support
  return result
end

local function layout(rows, averages, accuracy, digits)
  local width = math.max(#"weighted avg", digits)
  for _, row in ipairs(rows) do width = math.max(width, utf8.len(row.name) or #row.name) end
  local function line(name, cells)
    local parts = { (" "):rep(width - (utf8.len(name) or #name)) .. name .. " " }
    for _, cell in ipairs(cells) do parts[#parts + 1] = ("%9s"):format(cell) end
    return table.concat(parts, " ")
  end
  local function number(x) return ("%." .. digits .. "f"):format(x) end
  local function cells(s)
    return { number(s.precision), number(s.recall), number(s["f1-score"]), tostring(s.support) }
  end

  local lines = { line("", COLUMNS), "" }
  for _, row in ipairs(rows) do lines[#lines + 1] = line(row.name, cells(row.scores)) end
  lines[#lines + 1] = ""
  lines[#lines + 1] = line("accuracy", { "", "", number(accuracy), tostring(averages[1].scores.support) })
  for _, row in ipairs(averages) do lines[#lines + 1] = line(row.name, cells(row.scores)) end
  return table.concat(lines, "\n") .. "\n"
end

local function as_table(rows, averages, accuracy)
  local result = { accuracy = accuracy }
  for _, list in ipairs { rows, averages } do
    for _, row in ipairs(list) do result[row.name] = row.scores end
  end
  return result
end

local function check(options)
  arguments.check(options, { "class_names", "digits", "output" }, "classification_report")
  local digits, output = options.digits or 2, options.output or "text"
  if math.type(digits) ~= "integer" or digits < 0 then
    blame("classification_report: digits: expected a whole number of at least 0, got %s", blame.got(digits))
  end
  if output ~= "text" and output ~= "table" then
    blame('classification_report: output: expected "text" or "table", got %s', blame.got(output))
  end
  return digits, output
end

--- Precision, recall and F1 of each class, how many samples it has, and their means.
-- @function classification_report
-- @tparam tensor y_true class ids (n), or one-hot labels (n, classes)
-- @tparam tensor y_pred class ids (n), or probabilities (n, classes), of which the largest counts
-- @tparam[opt] table options class_names (a list, of class 0 first; without it, the ids that occur), digits (2), output
-- ("text"; "table" gives { [name] = { precision =, recall =, ["f1-score"] =, support = }, accuracy =, ["macro avg"] =,
-- ["weighted avg"] = })
-- @treturn string|table
-- @usage print(nn.metrics.classification_report(y_test, model:predict(x_test)))
return function(y_true, y_pred, options)
  options = options or {}
  local digits, output = check(options)
  local names = options.class_names
  local matrix = confusion_matrix(y_true, y_pred, { num_classes = names and #names }):totable()
  local rows, right = {}, 0
  for class = 1, #matrix do
    local scores, predicted, hits = scores_of(matrix, class)
    right = right + hits
    if names or predicted + scores.support > 0 then
      rows[#rows + 1] = { name = names and tostring(names[class]) or tostring(class - 1), scores = scores }
    end
  end
  local averages = {
    { name = "macro avg", scores = mean(rows, function() return 1 end) },
    { name = "weighted avg", scores = mean(rows, function(scores) return scores.support end) },
  }
  local accuracy = ratio(right, averages[1].scores.support)
  if output == "table" then return as_table(rows, averages, accuracy) end
  return layout(rows, averages, accuracy, digits)
end
