/** ONNX files in and out, without loss. Nothing else knows protobuf. */
package dev.dwindle.onnx;
