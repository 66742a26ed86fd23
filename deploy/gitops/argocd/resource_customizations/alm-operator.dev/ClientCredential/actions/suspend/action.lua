-- Nothing is written to ALM until the object is resumed; deletion still works.
obj.spec.suspend = true
return obj
