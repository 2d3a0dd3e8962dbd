//! Reads pretrained convolutional networks and writes the ONNX graph that both engines like.
