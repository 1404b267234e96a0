--- The messages of an ONNX file that nnrun reads or writes: by number of the field its name and kind.
--
-- Kinds: "int" (also enumerations), "float", "bytes" (texts too), "floats" and "doubles" (packed numbers, kept as
-- bytes), "ints" (a list of numbers, packed or not), the name of a message; "[...]" is a list of such.
-- Source: onnx.proto of ONNX 1.12. Fields that are not here are passed over.
return {
  Model = {
    [1] = { "ir_version", "int" }, [2] = { "producer_name", "bytes" }, [3] = { "producer_version", "bytes" },
    [7] = { "graph", "Graph" }, [8] = { "opset_import", "[OperatorSet]" }, [25] = { "functions", "[Function]" },
  },
  OperatorSet = { [1] = { "domain", "bytes" }, [2] = { "version", "int" } },
  Function = {
    [1] = { "name", "bytes" }, [4] = { "input", "[bytes]" }, [5] = { "output", "[bytes]" },
    [6] = { "attribute", "[bytes]" }, [7] = { "node", "[Node]" }, [9] = { "opset_import", "[OperatorSet]" },
    [10] = { "domain", "bytes" }, [11] = { "attribute_proto", "[Attribute]" },
  },
  Graph = {
    [1] = { "node", "[Node]" }, [2] = { "name", "bytes" }, [5] = { "initializer", "[Tensor]" },
    [11] = { "input", "[ValueInfo]" }, [12] = { "output", "[ValueInfo]" },
  },
  Node = {
    [1] = { "input", "[bytes]" }, [2] = { "output", "[bytes]" }, [3] = { "name", "bytes" },
    [4] = { "op_type", "bytes" }, [5] = { "attribute", "[Attribute]" }, [7] = { "domain", "bytes" },
  },
  Attribute = {
    [1] = { "name", "bytes" }, [2] = { "f", "float" }, [3] = { "i", "int" }, [4] = { "s", "bytes" },
    [5] = { "t", "Tensor" }, [6] = { "g", "Graph" }, [7] = { "floats", "floats" }, [8] = { "ints", "ints" },
    [9] = { "strings", "[bytes]" }, [20] = { "type", "int" }, [21] = { "ref_attr_name", "bytes" },
  },
  Tensor = {
    [1] = { "dims", "ints" }, [2] = { "data_type", "int" }, [4] = { "float_data", "floats" },
    [5] = { "int32_data", "ints" }, [6] = { "string_data", "[bytes]" }, [7] = { "int64_data", "ints" },
    [8] = { "name", "bytes" }, [9] = { "raw_data", "bytes" }, [10] = { "double_data", "doubles" },
    [11] = { "uint64_data", "ints" }, [13] = { "external_data", "[Entry]" }, [14] = { "data_location", "int" },
  },
  Entry = { [1] = { "key", "bytes" }, [2] = { "value", "bytes" } },
  ValueInfo = { [1] = { "name", "bytes" }, [2] = { "type", "Type" } },
  Type = { [1] = { "tensor_type", "TensorType" } },
  TensorType = { [1] = { "elem_type", "int" }, [2] = { "shape", "Shape" } },
  Shape = { [1] = { "dim", "[Dimension]" } },
  Dimension = { [1] = { "dim_value", "int" }, [2] = { "dim_param", "bytes" } },
}
