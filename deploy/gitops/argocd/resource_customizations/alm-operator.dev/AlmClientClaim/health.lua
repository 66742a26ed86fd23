-- A claim is the operator's own record. Its phase says what is owed, and its conditions why that is not done yet; one
-- without trouble has no conditions, and nobody has to observe its generation.
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

-- Reasons that end only when somebody changes something.
local stalled = {
  ConnectionMoved = true,
  OutcomeUnknown = true,
  RejectedByAlm = true,
  Unprovable = true,
}

local good = {
  Held = "the client belongs to its ClientCredential",
  Retained = "the client was given up, and stays in ALM as it was",
  Revoked = "the client was made useless in ALM",
}

local revoked = condition("Revoked")
local orphaned = condition("Orphaned")
local phase = spec.phase or "none"

if metadata.deletionTimestamp ~= nil then
  return health("Progressing", "being deleted")
end
if phase == "Pending" then
  return health("Progressing", "the client is about to be written to ALM for the first time")
end
if phase == "Revoking" then
  if revoked.status == "False" and stalled[revoked.reason] then
    return health("Degraded", revoked.message)
  end
  return health("Progressing", revoked.message or "the client is being revoked")
end
if orphaned.status == "True" then
  return health("Degraded", orphaned.message)
end
if good[phase] == nil then
  return health("Unknown", "the phase is " .. phase .. ", which these rules do not know")
end
return health("Healthy", good[phase])
