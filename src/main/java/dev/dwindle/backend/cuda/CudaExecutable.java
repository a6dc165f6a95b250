package dev.dwindle.backend.cuda;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.CompileOptions.Precision;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.Request;
import dev.dwindle.backend.RequestBound;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.rewrite.Inlining;
import dev.dwindle.rewrite.Simplification;
import dev.dwindle.rewrite.Specialization;
import dev.dwindle.tensor.DeviceMemoryException;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A graph compiled for a GPU: one plan for each combination of input shapes, made when it is first met, over the same constants. */
final class CudaExecutable implements Executable {
  private static final int MOST_PLANS = 64;

  private final String name;
  private final Device device;
  private final Graph graph;
  private final CompileOptions options;
  private final Abilities abilities;
  /** What is of 16 bits in memory; null where nothing is that the graph does not say. */
  private final Narrowing narrowing;
  private final Constants constants;
  private final LinkedHashMap<Map<String, Shape>, Plan> plans = new LinkedHashMap<>(16, 0.75f, true);
  private int bound;
  private boolean closed;

  CudaExecutable(String name, Device device, List<Precision> known, Graph original, CompileOptions options) {
    Model model = original.model().copy();
    Inlining.inline(model);
    // What holds for all shapes is done once, so that the plans share its constants.
    Simplification.simplify(model.graph());
    Specialization.foldConstants(model.graph(), Dequantized::isForProducts);
    this.name = name;
    this.device = device;
    this.graph = model.graph();
    this.options = options;
    this.abilities = new Abilities(Set.copyOf(known), device::workspace);
    this.narrowing = Narrowing.of(options.precision());
    this.constants = new Constants(device);
    Map<String, Shape> shapes = new HashMap<>(options.shapes());
    for (Value input : graph.requiredInputs()) {
      TensorType type = input.tensorType();
      if (type != null && type.isStatic()) shapes.putIfAbsent(input.name(), type.shape());
    }
    // Compiled now where that is possible, to find out what is refused.
    if (shapes.size() == graph.requiredInputs().size()) plan(shapes);
  }

  private Plan plan(Map<String, Shape> shapes) {
    Plan plan = plans.computeIfAbsent(Map.copyOf(shapes), this::planned);
    // The one that was not asked for for longest goes; requests that run it keep it.
    if (plans.size() > MOST_PLANS) plans.pollFirstEntry();
    return plan;
  }

  private Plan planned(Map<String, Shape> shapes) {
    Graph special = Specialization.of(graph, shapes, Dequantized::isForProducts);
    List<String> outputs = special.outputs().stream().map(Value::name).toList();
    if (narrowing != null) narrowing.apply(special);
    return Planner.plan(name, options.precision(), abilities, special, outputs);
  }

  @Override
  public synchronized Bound bind() {
    if (closed) {
      throw new IllegalStateException("executable: closed, expected an open one; compile the graph again");
    }
    return new RequestBound(graph, this::open);
  }

  private synchronized Request open(Map<String, Shape> shapes) {
    Request request = request(plan(shapes));
    bound++;
    return request;
  }

  /** With all constants on the device where there is room for them, else with the large ones brought layer by layer. */
  private Request request(Plan plan) {
    try {
      return request(plan, false);
    } catch (DeviceMemoryException e) {
      return request(plan, true);
    }
  }

  private Request request(Plan plan, boolean streamed) {
    Set<Tensor> held = constants.held();
    try {
      return new CudaRequest(name, device, plan, this, streamed);
    } catch (RuntimeException e) {
      constants.keepOnly(held);
      throw e;
    }
  }

  Constants constants() {
    return constants;
  }

  boolean isProfiled() { return options.profile(); }

  /** Told by each request when it closes: constants live as long as one of them reads them. */
  synchronized void release() {
    bound--;
    if (closed && bound == 0) constants.close();
  }

  @Override
  public synchronized void close() {
    if (closed) return;
    closed = true;
    plans.clear();
    if (bound == 0) constants.close();
  }
}
