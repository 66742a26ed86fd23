-- Asks for a new generated secret. Every new value is one request.
local os = require("os")
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["alm-operator.dev/rotate"] = os.date("!%Y-%m-%dT%H:%M:%SZ")
return obj
