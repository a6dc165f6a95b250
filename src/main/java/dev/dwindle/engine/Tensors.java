package dev.dwindle.engine;

import dev.dwindle.data.ProtoTensors;
import dev.dwindle.onnx.OnnxTensors;
import java.util.Map;

/** Gives data sets the reader of ONNX's tensor files. */
public final class Tensors {
  /** Reads {@code .pb} files. */
  public static final ProtoTensors PROTO = file -> {
    OnnxTensors.Named named = OnnxTensors.readNamed(file);
    return Map.entry(named.name() == null ? "" : named.name(), named.tensor());
  };

  private Tensors() {}
}
