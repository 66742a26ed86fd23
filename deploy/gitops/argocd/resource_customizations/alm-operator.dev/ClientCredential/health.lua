-- Suspended while spec.suspend is true; otherwise what the conditions say, read as kstatus reads them.
local metadata = obj.metadata or {}
local spec = obj.spec or {}
local status = obj.status or {}

local function condition(name)
  for _, candidate in ipairs(status.conditions or {}) do
    if candidate.type == name then
      return candidate
    end
  end
  return {}
end

local function health(word, message)
  return { status = word, message = message or "" }
end

local ready = condition("Ready")
local reconciling = condition("Reconciling")
local stalled = condition("Stalled")
local observed = status.observedGeneration ~= nil and status.observedGeneration == metadata.generation

if metadata.deletionTimestamp ~= nil then
  return health("Progressing", "being deleted: the client is revoked or released first")
end
if spec.suspend == true then
  if observed and ready.reason == "Suspended" then
    return health("Suspended", ready.message)
  end
  return health("Suspended", "spec.suspend is true")
end
if not observed then
  return health("Progressing", "the operator has yet to look at this generation")
end
if reconciling.status == "True" then
  return health("Progressing", reconciling.message)
end
if stalled.status == "True" then
  return health("Degraded", stalled.message)
end
if ready.status == "True" then
  return health("Healthy", ready.message)
end
return health("Progressing", ready.message or "the operator has not said yet whether it is ready")
