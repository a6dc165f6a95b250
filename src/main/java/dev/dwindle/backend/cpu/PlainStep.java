package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Step;
import dev.dwindle.backend.cpu.kernel.Workers;
import dev.dwindle.graph.Node;
import dev.dwindle.op.Evaluation;
import dev.dwindle.op.Operator;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Runs a node by its operator's plain meaning, over views of the plan's memory. */
final class PlainStep implements Step {
  private final Node node;
  private final Operator operator;
  private final List<Place> inputs;
  private final List<Place> outputs;
  private final Memory memory;
  private final Evaluation.Subgraphs subgraphs;

  PlainStep(Node node, Operator operator, List<Place> inputs, List<Place> outputs, Memory memory,
      Evaluation.Subgraphs subgraphs) {
    this.node = node;
    this.operator = operator;
    this.inputs = inputs;
    this.outputs = outputs;
    this.memory = memory;
    this.subgraphs = subgraphs;
  }

  @Override
  public void run(Workers workers) {
    List<Tensor> given = new ArrayList<>(inputs.size());
    for (Place place : inputs) {
      given.add(place == null ? null : memory.tensor(place));
    }
    List<Tensor> results = operator.evaluate(new Evaluation(node, given, subgraphs));
    for (int i = 0; i < outputs.size(); i++) {
      if (outputs.get(i) != null) {
        store(results.get(i), outputs.get(i), memory);
      }
    }
  }

  /** Puts a tensor where a value is to be found. */
  static void store(Tensor result, Place place, Memory memory) {
    switch (place) {
      case Place.Held held -> memory.hold(held, memory.settled(result));
      case Place.Planned planned -> {
        if (result.dtype() != planned.dtype() || !result.shape().equals(planned.shape())) {
          throw new IllegalStateException(
              "planned " + planned.dtype().text() + planned.shape() + ", but the operator made " + result);
        }
        MemorySegment.copy(result.segment(), 0, memory.segment(planned), 0, result.byteSize());
      }
      case Place.Fixed fixed -> throw new IllegalStateException("a constant cannot be written");
    }
  }
}
