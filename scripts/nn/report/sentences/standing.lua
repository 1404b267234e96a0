--- Which variant is best, and how the others stand to it.
return {
  -- the best variant
  none = "No trial has a score.",
  none_yet = "No trial has a score yet.",
  alone = "The {metric} is {score}.",
  only = "{name} is the only variant {with}: its {metric} is {score}.",
  only_so_far = "with a result so far",
  only_result = "with a result",
  only_whole = "whose runs all finished",
  best = "{name} has the {superlative} {metric}, {score}.",
  best_whole = "Of the variants whose runs all finished, {name} has the {superlative} {metric}: {score}.",
  all_equal = "{All} variants have the same {metric}, {score}.",
  all_equal_whole = "{All} variants whose runs all finished have the same {metric}, {score}.",
  all_equal_scored = "{All} variants with a score have the same {metric}, {score}.",
  share = "{names} share the {superlative} {metric}, {score}.",
  -- how the others stand to it
  closest_lower = "{score}, {difference} lower{seeds}",
  closest_higher = "{score}, {difference} higher{seeds}",
  closest_equal = "{score}, equal after rounding{seeds}",
  on_seeds = " on {seeds} that chose",
  next = "The next is {name} ({score}).",
  one_seed = "With one seed for each variant, a difference may be luck; `--seeds {needed}` would allow a test.",
  too_few_pairs = "{Seeds} are too few to test {all} variants against each other; `--seeds {needed}` would do.",
  too_few = "{Seeds} are too few for a test; `--seeds {needed}` would do.",
  too_few_shared = "No two variants share more than {shared} with a score; a test needs {needed}.",
  not_separated = "The next is {name} ({score}). The test finds no significant difference between the best and "
    .. "the others.",
  not_separated_two = "The next is {name} ({score}). The test finds no significant difference between the two.",
  partly_separated = "The best is significantly better than {count} of {all} others; the closest that is not separated "
    .. "from it is {name} ({score}).",
  separated = "The best is significantly better than {all} others; the next is {name} ({score}).",
  separated_two = "The best is significantly better than the other, {name} ({score}).",
}
