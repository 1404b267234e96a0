--- A number as float32 holds it: where Keras compares two numbers, that is what it compares.
-- @tparam number x
-- @treturn number
return function(x) return (string.unpack("f", string.pack("f", x))) end
