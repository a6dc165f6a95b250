/** ONNX Runtime through its Java package, which need not be there; only here are its types named. */
package dev.dwindle.backend.onnxruntime;
