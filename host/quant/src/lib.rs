//! Float to int8, ONNX out, the compiled model.
