package dev.dwindle.backend.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import dev.dwindle.backend.Bound;
import dev.dwindle.backend.NodeTime;
import dev.dwindle.graph.TensorType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One request in flight in ONNX Runtime: its inputs in native memory, and for each session that it meets the outputs. */
final class OnnxRuntimeBound implements Bound {
  private final OnnxRuntimeExecutable executable;
  private final Interrupts interrupts = new Interrupts();
  private final Map<String, NativeTensor> inputs = new LinkedHashMap<>();
  /** The same inputs as ONNX Runtime takes them. */
  private final Map<String, OnnxTensor> given = new LinkedHashMap<>();
  private final Map<String, Shape> shapes = new LinkedHashMap<>();
  private final Map<Session, Request> requests = new LinkedHashMap<>();
  private final Map<String, String> carried = new LinkedHashMap<>();
  /** Inputs set since the last run: they count, not what is carried to them. */
  private final Set<String> fresh = new HashSet<>();
  /** What the next run uses; null where shapes have changed since. */
  private Request current;
  private boolean closed;
  /** Null where nothing has been run. */
  private Map<String, Tensor> outputs;
  /** Null where the last run's times have not been asked for. */
  private List<NodeTime> times = List.of();

  OnnxRuntimeBound(OnnxRuntimeExecutable executable) {
    this.executable = executable;
  }

  @Override
  public void set(String input, Tensor value) {
    requireOpen();
    TensorType type = executable.input(input);
    if (!type.accepts(value)) {
      throw new InvalidInputException("input '" + input + "': found " + value + ", expected " + type);
    }
    profile();
    put(input, value);
    fresh.add(input);
  }

  private void put(String input, Tensor value) {
    NativeTensor before = inputs.get(input);
    if (before != null && before.takes(value)) {
      before.fill(value);
      return;
    }
    NativeTensor copy = NativeTensor.of(input, value);
    inputs.put(input, copy);
    given.put(input, copy.onnx());
    if (!value.shape().equals(shapes.put(input, value.shape()))) {
      current = null;
    }
    if (before != null) {
      before.close();
    }
  }

  @Override
  public void carry(String output, String input) {
    requireOpen();
    executable.requireOutput(output);
    executable.input(input);
    carried.put(input, output);
  }

  @Override
  public void run() {
    requireOpen();
    moveCarried();
    if (current == null) {
      current = request();
    }
    outputs = null;
    times = List.of();
    outputs = Collections.unmodifiableMap(interrupts.guard(options -> current.run(given, options)));
    times = executable.isProfiled() ? null : List.of();
  }

  /** Moves outputs of the last run to the inputs that read them; no output lies in an input's memory. */
  private void moveCarried() {
    if (outputs != null && !carried.isEmpty()) {
      carried.forEach((input, output) -> {
        if (!fresh.contains(input)) {
          put(input, outputs.get(output));
        }
      });
    }
    fresh.clear();
  }

  private Request request() {
    for (String input : executable.inputs()) {
      if (!inputs.containsKey(input)) {
        throw new InvalidInputException("input '" + input + "': not set, expected a " + executable.input(input));
      }
    }
    return requests.computeIfAbsent(executable.session(shapes),
        s -> new Request(s, executable.outputTypes(), executable.inputs()));
  }

  @Override
  public Map<String, Tensor> outputs() {
    requireOpen();
    if (outputs == null) {
      throw new IllegalStateException("outputs: nothing has been run");
    }
    return outputs;
  }

  /** Taken from a recorded repetition of the last run: ONNX Runtime tells times only where a recording ends. */
  @Override
  public List<NodeTime> profile() {
    requireOpen();
    if (times == null) {
      times = executable.times(shapes, session -> {
        try (Request recorded = new Request(session, executable.outputTypes(), executable.inputs())) {
          interrupts.guard(options -> recorded.run(given, options));
        }
      });
    }
    return times;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    interrupts.close();
    inputs.values().forEach(NativeTensor::close);
    requests.values().forEach(Request::close);
    outputs = null;
    executable.release();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("bound: closed, expected an open one; bind the executable again");
    }
  }
}
