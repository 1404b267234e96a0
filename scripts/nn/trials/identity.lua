--- What decides a trial's result, and its id, the hash of that: trials that would train alike have one id, in every
-- process.
--
-- The model counts as `build` makes it, with its weights and functions, not as the script is written.
local digest = require "nn.support.digest"
local json = require "nn.support.json"

local identity = {}

-- With which the model is built that an id is made of: ids do not depend on which seeds the script lists.
identity.SEED = 0

local ID_DIGITS = 12

--- The data of a trial, as hashes.
-- @tparam table lab the experiment
-- @treturn table train, validation, test
function identity.data(lab)
  local data = {}
  if lab.train then data.train = lab.train.card.fingerprint end
  if lab.validation then data.validation = lab.validation.card.fingerprint end
  if lab.test_every_trial then data.test = lab.test.card.fingerprint end
  return data
end

--- All that decides about a variant's trials but the seed. Callbacks count as what their function computes, together
-- with all parameters: it is called in the trial alone.
-- @tparam table lab the experiment
-- @tparam table params
-- @tparam table facts fit: settings; built: the hash of the model as built; failure, where it was not;
-- unknown: what has no hash
-- @treturn table parts
function identity.parts(lab, params, facts)
  local parts = { data = identity.data(lab), keep = lab.keep, fit = facts.fit, built = facts.built,
    failure = facts.failure }
  if lab.keep == "best" then parts.objective = { lab.objective, lab.mode } end
  if lab.callbacks then
    local unknown
    parts.callbacks, unknown = digest.of(lab.callbacks, "callbacks")
    table.move(unknown, 1, #unknown, #facts.unknown + 1, facts.unknown)
  end
  if lab.callbacks or lab.loop or facts.failure or #facts.unknown > 0 then parts.params = params end
  return parts
end

-- The same for all variants of a long sweep.
local NOTHING_ELSE = json.object { has_params = false }

--- What a trial.json has to hold of the parts besides its own fields, so that the id can be computed from it.
-- @tparam table parts
-- @treturn table failure, objective; has_params: whether the parameters are among the parts
function identity.stored(parts)
  if not (parts.failure or parts.objective or parts.params) then return NOTHING_ELSE end
  return json.object { failure = parts.failure, objective = parts.objective, has_params = parts.params ~= nil }
end

--- The id that follows from a record.
-- @tparam string text of a trial.json
-- @treturn ?string nil where it is the record of an earlier version, which does not hold all that an id is made of
function identity.of_record(text)
  local record = json.decode_plain(text)
  local stored = type(record) == "table" and record.identity
  if not stored then return nil end
  local fit = record.fit
  if fit and type(fit.class_weight) == "table" then json.object(fit.class_weight) end
  return identity.id({ data = record.data, keep = record.keep, fit = fit, built = record.built,
    failure = stored.failure, objective = stored.objective, callbacks = record.callbacks,
    params = stored.has_params and record.params or nil }, record.seed)
end

--- The id of a trial.
-- @tparam table parts
-- @tparam integer seed
-- @treturn string
function identity.id(parts, seed)
  return digest.of({ parts, seed }):sub(1, ID_DIGITS)
end

--- What trials have in common that differ in the number of epochs alone, so that one can go on where another ended; nil
-- where callbacks might make use of that number. A model that does is another model.
-- @treturn ?string
function identity.stem(parts, seed)
  if parts.callbacks or parts.failure then return nil end
  local stem = { fit = {} }
  for name, part in pairs(parts) do stem[name] = stem[name] or part end
  for name, setting in pairs(parts.fit) do stem.fit[name] = name ~= "epochs" and setting or nil end
  return identity.id(stem, seed)
end

return identity
