--- What a regression gets wrong: the rows that it misses by most.
-- @module nn.report.residuals
local residuals = {}

function residuals.table() return "" end

return residuals
