-- A suspended object takes nothing up before it is resumed, and one that is being deleted takes up nothing at all.
local spec = obj.spec or {}
local metadata = obj.metadata or {}
local ending = metadata.deletionTimestamp ~= nil
local suspended = spec.suspend == true

local actions = {}
actions["refresh"] = { disabled = ending or suspended }
actions["rotate"] = { disabled = ending or suspended or spec.generatedSecret == nil }
actions["suspend"] = { disabled = ending or suspended }
actions["resume"] = { disabled = ending or not suspended }
return actions
