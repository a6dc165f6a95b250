package dev.dwindle.backend;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Function;

/** A request in flight on a device that is compiled for fixed shapes: for each combination of them it has buffers of its own. */
public final class RequestBound implements Bound {
  /** Buffers, in bytes, that are kept for when their shapes come again. */
  private static final long MOST_KEPT = 64L << 20;

  private final Graph graph;
  private final Function<Map<String, Shape>, Request> opener;
  private final LinkedHashMap<Map<String, Shape>, Request> requests = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<String, TensorType> types = new LinkedHashMap<>();
  private final Map<String, Shape> shapes = new LinkedHashMap<>();
  private final Map<String, Tensor> pending = new LinkedHashMap<>();
  private final Map<String, String> carried = new LinkedHashMap<>();
  /** What the next run uses; null where an input's new shape is still to decide. */
  private Request current;
  /** What the last run used. */
  private Request last;
  /** Whether carried outputs are still to be moved. */
  private boolean moving;
  /** Whether what is last has outputs. */
  private boolean hasRun;
  private boolean closed;

  /**
   * @param graph whose inputs and outputs this has
   * @param opener makes buffers for these shapes of all inputs
   */
  public RequestBound(Graph graph, Function<Map<String, Shape>, Request> opener) {
    this.graph = graph;
    this.opener = opener;
    graph.requiredInputs().forEach(input -> types.put(input.name(), input.tensorType()));
  }

  @Override
  public void set(String input, Tensor value) {
    requireOpen();
    requireName("input", input, List.copyOf(types.keySet()));
    moveCarried();
    TensorType type = types.get(input);
    if (type != null && !type.accepts(value)) {
      throw new InvalidInputException("input '" + input + "': found " + value + ", expected " + type);
    }
    give(input, value);
  }

  private void give(String input, Tensor value) {
    if (current != null && value.shape().equals(shapes.get(input))) {
      current.set(input, value);
      return;
    }
    keepInputs();
    pending.put(input, copy(value));
    shapes.put(input, value.shape());
  }

  /** Before other buffers take over: inputs that stay go with them. */
  private void keepInputs() {
    if (current != null) {
      types.keySet().forEach(name -> pending.putIfAbsent(name, copy(current.input(name))));
      current = null;
    }
  }

  @Override
  public void carry(String output, String input) {
    requireOpen();
    requireName("output", output, graph.outputs().stream().map(Value::name).toList());
    requireName("input", input, List.copyOf(types.keySet()));
    carried.put(input, output);
  }

  private static void requireName(String kind, String name, List<String> names) {
    if (!names.contains(name)) {
      throw new InvalidInputException(
          kind + " '" + name + "': the graph has none of this name, expected one of " + names);
    }
  }

  @Override
  public void run() {
    requireOpen();
    moveCarried();
    if (current == null) open();
    if (Thread.interrupted()) throw new CancellationException("interrupted");
    hasRun = false;
    current.run();
    last = current;
    hasRun = true;
    moving = !carried.isEmpty();
  }

  private void open() {
    for (Map.Entry<String, TensorType> input : types.entrySet()) {
      if (!shapes.containsKey(input.getKey())) {
        throw new InvalidInputException("input '" + input.getKey() + "': not set, expected a " + input.getValue());
      }
    }
    Map<String, Shape> key = Map.copyOf(shapes);
    Request request = requests.get(key);
    if (request == null) {
      forget();
      request = opener.apply(key);
      requests.put(key, request);
    }
    pending.forEach(request::set);
    pending.clear();
    current = request;
  }

  /** Gives up the buffers that were not used for longest, until what is left is little enough. */
  private void forget() {
    long bytes = requests.values().stream().mapToLong(Request::bytes).sum();
    while (bytes > MOST_KEPT) {
      Request eldest = requests.pollFirstEntry().getValue();
      bytes -= eldest.bytes();
      if (eldest == last) {
        last = null;
        hasRun = false;
      }
      eldest.close();
    }
  }

  /** Moves carried outputs of the last run to their inputs; where a shape has changed, other buffers take over. */
  private void moveCarried() {
    if (!moving) return;
    moving = false;
    // All copies are made before the first is given: an output may be another's input. On a device it never is, and stays there.
    Map<String, Tensor> values = new LinkedHashMap<>();
    Map<String, Tensor> outputs = last.outputs();
    carried.forEach((input, output) -> {
      Tensor value = outputs.get(output);
      values.put(input, carried.size() == 1 || value.deviceBuffer() != null ? value : copy(value));
    });
    values.forEach(this::give);
  }

  private static Tensor copy(Tensor view) {
    return Tensor.of(view.dtype(), view.shape(), view.bytes());
  }

  @Override
  public Map<String, Tensor> outputs() {
    requireOpen();
    if (!hasRun) throw new IllegalStateException("outputs: nothing has been run");
    return last.outputs();
  }

  @Override
  public List<NodeTime> profile() {
    requireOpen();
    return last == null ? List.of() : last.profile();
  }

  @Override
  public void close() {
    closed = true;
    requests.values().forEach(Request::close);
    requests.clear();
    pending.clear();
    current = null;
    last = null;
    hasRun = false;
  }

  private void requireOpen() {
    if (closed) throw new IllegalStateException("bound: closed, expected an open one; bind the executable again");
  }
}
