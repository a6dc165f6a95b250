package dev.dwindle.backend.openvino;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.onnx.OnnxWriter;
import dev.dwindle.rewrite.SparseConstants;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/** A graph as OpenVINO reads it: an ONNX file in memory, its inputs of fixed shapes. */
final class ModelBytes {
  private ModelBytes() {}

  /** The main graph of a model for these shapes of its inputs. */
  static MemorySegment of(Graph graph, Map<String, Shape> shapes, Arena arena) {
    Model model = graph.model().copy();
    Graph fixed = model.graph();
    for (Value input : fixed.requiredInputs()) {
      TensorType type = input.tensorType();
      if (type != null && shapes.containsKey(input.name())) {
        input.setType(TensorType.of(type.dtype(), shapes.get(input.name())));
      }
    }
    SparseConstants.makeDense(fixed); // OpenVINO does not read sparse tensors
    if (!OnnxWriter.isOneMessage(model)) {
      throw new InvalidInputException("openvino: found a part with more than 2 GiB of constants, which cannot be handed"
          + " over in memory; run it on 'cpu'");
    }
    return OnnxWriter.bytes(model, arena);
  }
}
