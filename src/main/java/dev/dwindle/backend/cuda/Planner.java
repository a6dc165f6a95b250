package dev.dwindle.backend.cuda;

import dev.dwindle.backend.CompileOptions.Precision;
import dev.dwindle.backend.NodeRefusedException;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.InvalidInputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Turns a graph whose types are known into a {@link Plan}. */
final class Planner {
  private final String device;
  private final Planning planning;

  private Planner(String device, Precision precision, Abilities abilities) {
    this.device = device;
    planning = new Planning(precision, abilities);
  }

  /**
   * The plan of a graph.
   *
   * @param precision of products of matrices and convolutions of FLOAT
   * @param abilities of the GPU
   * @param names of the outputs, in their order
   * @throws NodeRefusedException where a node's sizes depend on data, or no kernel takes its types
   */
  static Plan plan(String device, Precision precision, Abilities abilities, Graph graph,
      List<String> names) {
    return new Planner(device, precision, abilities).plan(graph, names);
  }

  private Plan plan(Graph graph, List<String> names) {
    Map<String, Plan.Slot> inputs = new LinkedHashMap<>();
    for (Value input : graph.requiredInputs()) {
      if (!Typed.isStatic(input))
        throw new InvalidInputException(
            device + ": input '" + input.name() + "' is of type " + input.type()
                + ", expected a tensor of known sizes");
      inputs.put(input.name(), new Plan.Slot(input.tensorType(), planning.place(input)));
    }
    inputs.values().forEach(input -> planning.keep(input.place()));
    graph.nodes().forEach(this::plan);
    Map<String, Plan.Slot> outputs = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      Value output = graph.outputs().get(i);
      Place place = planning.place(output);
      // An output never lies where an input does: a carried one must not change while it is read.
      boolean shared = inputs.values().stream().anyMatch(input -> input.place().equals(place));
      Place own = shared ? copy(output, (Place.Planned) place) : place;
      TensorType type = output.isConstant() ? TensorType.of(output.tensor()) : output.tensorType();
      outputs.put(names.get(i), new Plan.Slot(type, own));
    }
    outputs.values().forEach(output -> planning.keep(output.place()));
    long bytes = planning.layOut();
    return new Plan(planning.steps(), inputs, outputs, planning.troubleIfAny(), bytes);
  }

  private Place copy(Value output, Place.Planned from) {
    Place.Planned to = planning.scratch(from.bytes());
    planning.begin(List.of(output.name()));
    Copies.whole(planning, from, to);
    return to;
  }

  private void plan(Node node) {
    if (planning.isIncluded(node) || Dequantized.isForProductsOnly(node)) return;
    CudaKernel kernel = CudaKernels.find(node);
    if (kernel == null) throw new NodeRefusedException(device, node, "no kernel takes its types", null);
    if (!Stream.concat(node.inputs().stream(), node.outputs().stream()).allMatch(Typed::isStatic)) {
      throw new NodeRefusedException(device, node, "its sizes depend on data", null);
    }
    planning.begin(node);
    try {
      if (node.outputs().stream().anyMatch(v -> v != null && Typed.shape(v).size() > 0)) kernel.plan(node, planning);
    } catch (RefusedException e) {
      throw new NodeRefusedException(device, node, e.getMessage(), e);
    } catch (ArithmeticException e) {
      throw new NodeRefusedException(device, node, "it is too large: " + e.getMessage(), e);
    }
  }
}
