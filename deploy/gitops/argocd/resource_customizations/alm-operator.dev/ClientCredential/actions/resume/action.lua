-- The field goes, so that nothing stays behind that Git does not have.
obj.spec.suspend = nil
return obj
