package dev.dwindle.backend.openvino;

import dev.dwindle.backend.NodeTime;
import dev.dwindle.backend.Request;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An infer request that reads inputs in memory of ours, where they are set; outputs are seen where it wrote them. */
final class OpenVinoRequest implements Request {
  private static final long ALIGNMENT = 64;

  private final Arena arena = Arena.ofShared();
  private final OpenVino.Model model;
  private final OpenVino.Request request;
  private final Graph graph;
  private final boolean profiled;
  private final Map<String, MemorySegment> memories = new HashMap<>();
  private final Map<String, Tensor> inputs = new HashMap<>();
  private final Map<String, Tensor> outputs = new LinkedHashMap<>();
  /** Whether outputs are looked at when a run ends: at first, and where one lies in the memory of an input, which is set before outputs are read. */
  private boolean atOnce = true;
  /** Whether the outputs of the last run were looked at. */
  private boolean seen;
  private long bytes;

  /** Buffers for a model compiled of this graph, whose inputs have these shapes. */
  OpenVinoRequest(OpenVino.Model model, Graph graph, Map<String, Shape> shapes, boolean profiled) {
    this.model = model;
    this.graph = graph;
    this.profiled = profiled;
    OpenVino.Request made = null;
    try {
      Map<String, Integer> places = model.inputs(graph.requiredInputs().stream().map(Value::name).toList());
      made = model.request();
      for (Value input : graph.requiredInputs()) {
        bind(made, places.get(input.name()), input.name(), input.tensorType().dtype(), shapes.get(input.name()));
      }
    } catch (OpenVino.Failure failure) {
      if (made != null) made.close();
      arena.close();
      throw told(failure, "a model took no inputs");
    }
    request = made;
  }

  private void bind(OpenVino.Request to, int place, String input, DType dtype, Shape shape) {
    MemorySegment memory = allocate(dtype.bytes(shape.size()));
    if (place >= 0) to.input(place, dtype, shape, memory);
    memories.put(input, memory);
    inputs.put(input, Tensor.wrap(dtype, shape, memory));
  }

  private RuntimeException told(OpenVino.Failure failure, String what) {
    RuntimeException fault = model.fault(failure);
    return fault != failure ? fault
        : new InvalidInputException("openvino: " + what + ": " + failure.getMessage(), failure);
  }

  private MemorySegment allocate(long size) {
    bytes += size;
    // The library wants an address, also of nothing.
    return arena.allocate(Math.max(1, size), ALIGNMENT).asSlice(0, size);
  }

  @Override
  public void set(String input, Tensor value) {
    memories.get(input).copyFrom(value.segment());
  }

  @Override
  public Tensor input(String name) {
    return inputs.get(name);
  }

  @Override
  public void run() {
    try {
      request.run();
      seen = false;
      if (atOnce) see();
    } catch (OpenVino.Failure failure) {
      throw told(failure, "a run failed");
    }
  }

  /** Looks where the outputs of the last run lie, which for a small net takes as long as a tenth of the run. */
  private void see() {
    atOnce = false;
    for (int i = 0; i < model.outputs().size(); i++) {
      outputs.put(graph.outputs().get(i).name(), output(i, model.outputs().get(i)));
    }
    seen = true;
  }

  /** Outputs lie where the library put them, which may be where an input is: then they are copied, for inputs are set before outputs are read. */
  private Tensor output(int index, OpenVino.Port port) {
    OpenVino.Output found = request.output(index, port);
    Shape shape = found.shape();
    long size = port.dtype().bytes(shape.size());
    atOnce |= size == 0;
    if (size == 0) return Tensor.wrap(port.dtype(), shape, MemorySegment.NULL);
    MemorySegment memory = MemorySegment.ofAddress(found.address()).reinterpret(size, arena, null);
    boolean shared = memories.values().stream().anyMatch(input -> input.asOverlappingSlice(memory).isPresent());
    atOnce |= shared;
    return shared ? Tensor.of(port.dtype(), shape, memory.toArray(ValueLayout.JAVA_BYTE))
        : Tensor.wrap(port.dtype(), shape, memory);
  }

  @Override
  public Map<String, Tensor> outputs() {
    try {
      if (!seen) see();
    } catch (OpenVino.Failure failure) {
      throw told(failure, "outputs were not to be read");
    }
    return Collections.unmodifiableMap(outputs);
  }

  /** The C API names one node of those that were fused into a step, or a name of OpenVINO's own. */
  @Override
  public List<NodeTime> profile() {
    if (!profiled) return List.of();
    return request.steps().stream()
        .map(s -> new NodeTime(List.of(s.name()), s.type() + " " + s.kernel(), s.micros() * 1000)).toList();
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public void close() {
    if (!arena.scope().isAlive()) return;
    request.close();
    arena.close();
  }
}
