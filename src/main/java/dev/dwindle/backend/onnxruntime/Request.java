package dev.dwindle.backend.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** The memory of one session's outputs for one request, and its runs: outputs of known shapes are written in place. */
final class Request implements AutoCloseable {
  private final Session session;
  private final Map<String, DType> types;
  private final Map<String, NativeTensor> placed = new LinkedHashMap<>();
  private final Map<String, OnnxTensor> into = new LinkedHashMap<>();
  private final Set<String> others = new LinkedHashSet<>();

  /**
   * Allocates the outputs.
   *
   * @param types of the outputs, in the graph's order
   * @param inputs names of the inputs: one that is an output too is passed on here
   */
  Request(Session session, Map<String, DType> types, Set<String> inputs) {
    this.session = session;
    this.types = types;
    types.forEach((name, type) -> {
      if (inputs.contains(name)) {
        return;
      }
      if (type == DType.STRING || session.shape(name) == null) {
        others.add(name);
      } else {
        NativeTensor output = new NativeTensor(name, type, session.shape(name));
        placed.put(name, output);
        into.put(name, output.onnx());
      }
    });
  }

  /** Runs the session; the outputs are views and copies in the graph's order. */
  Map<String, Tensor> run(Map<String, OnnxTensor> inputs, OrtSession.RunOptions options) throws OrtException {
    try (OrtSession.Result result = session.run(inputs, into, others, options)) {
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      types.forEach((name, type) -> outputs.put(name, placed.containsKey(name) ? placed.get(name).view()
          : NativeTensor.read(name, others.contains(name) ? (OnnxTensor) result.get(name).orElseThrow()
              : inputs.get(name), type)));
      return outputs;
    }
  }

  @Override
  public void close() {
    placed.values().forEach(NativeTensor::close);
  }
}
