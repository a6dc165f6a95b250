package dev.dwindle.backend.cpu;

import dev.dwindle.backend.Bound;
import dev.dwindle.backend.NodeTime;
import dev.dwindle.backend.cpu.kernel.Step;
import dev.dwindle.backend.cpu.kernel.Workers;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One request in flight on the CPU: the memory of the plan in use, its steps, and a team of threads. */
final class CpuBound implements Bound {
  /** Memory of plans, in bytes, that is kept for when their shapes come again. */
  private static final long MOST_KEPT = 64L << 20;

  /** A plan tied to its memory. */
  private record Tied(Plan plan, Memory memory, Step[] steps) {}

  private final CpuExecutable executable;
  private final Workers workers;
  private final LinkedHashMap<Map<String, Shape>, Tied> tied = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<String, Shape> shapes = new LinkedHashMap<>();
  private final Map<String, Tensor> pending = new LinkedHashMap<>();
  private final Map<String, String> carried = new LinkedHashMap<>();
  private final long[] noTimes = new long[0];
  /** What the next run uses; null where an input's new shape is still to decide. */
  private Tied current;
  /** What the last run used. */
  private Tied last;
  private boolean ran;
  private boolean closed;
  private Map<String, Tensor> outputs = Map.of();
  private long[] nanos = noTimes;

  CpuBound(CpuExecutable executable) {
    this.executable = executable;
    int threads = executable.options().threads();
    this.workers = new Workers(threads == 0 ? Runtime.getRuntime().availableProcessors() : threads);
  }

  @Override
  public void set(String input, Tensor value) {
    requireOpen();
    Value target = executable.input(input);
    TensorType type = target.tensorType();
    nextInputs();
    if (type != null && !type.accepts(value)) {
      throw new InvalidInputException("input '" + input + "': found " + value + ", expected " + type);
    }
    if (current != null && value.shape().equals(shapes.get(input))) {
      PlainStep.store(value, current.plan().inputs().get(input), current.memory());
    } else {
      keepInputs();
      pending.put(input, Memory.copy(value));
      shapes.put(input, value.shape());
    }
  }

  /** Before another plan takes over: inputs that stay go with it. */
  private void keepInputs() {
    if (current != null) {
      current.plan().inputs().forEach(
          (name, place) -> pending.putIfAbsent(name, Memory.copy(current.memory().tensor(place))));
      current = null;
    }
  }

  @Override
  public void carry(String output, String input) {
    requireOpen();
    executable.output(output);
    executable.input(input);
    carried.put(input, output);
  }

  @Override
  public void run() {
    requireOpen();
    nextInputs();
    if (current == null) {
      switchPlan();
    }
    last = current;
    ran = false;
    outputs = Map.of();
    Step[] steps = current.steps();
    boolean timed = executable.options().profile();
    for (int i = 0; i < steps.length; i++) {
      Interrupts.check();
      long start = timed ? System.nanoTime() : 0;
      steps[i].run(workers);
      if (timed) {
        nanos[i] = System.nanoTime() - start;
      }
    }
    ran = true;
  }

  private void switchPlan() {
    for (Value input : executable.inputs()) {
      if (!shapes.containsKey(input.name())) {
        throw new InvalidInputException("input '" + input.name() + "': not set, expected a " + input.type());
      }
    }
    Map<String, Shape> key = Map.copyOf(shapes);
    current = tied.get(key);
    if (current == null) {
      forget();
      current = tie(executable.plan(key));
      tied.put(key, current);
    }
    pending.forEach((name, value) -> PlainStep.store(value, current.plan().inputs().get(name), current.memory()));
    pending.clear();
    nanos = executable.options().profile() ? new long[current.steps().length] : noTimes;
  }

  private Tied tie(Plan plan) {
    Memory memory = new Memory(plan.lengths(), plan.held(), executable.constants());
    return new Tied(plan, memory, Planner.bind(plan.steps(), memory));
  }

  /** Gives the memory up that was not used for longest, until what is left is little enough. */
  private void forget() {
    long bytes = tied.values().stream().mapToLong(each -> each.plan().bytes()).sum();
    while (bytes > MOST_KEPT) {
      bytes -= tied.pollFirstEntry().getValue().plan().bytes();
    }
  }

  /** Moves carried outputs of the last run to their inputs; where a shape has changed, another plan takes over. */
  private void nextInputs() {
    if (!ran || carried.isEmpty()) {
      return;
    }
    Map<String, Tensor> made = outputs();
    ran = false;
    Tied from = current;
    carried.forEach((input, output) -> {
      Tensor value = made.get(output);
      if (value.shape().equals(shapes.get(input))) {
        PlainStep.store(value, from.plan().inputs().get(input), from.memory());
      } else {
        pending.put(input, Memory.copy(value));
        shapes.put(input, value.shape());
      }
    });
    if (!pending.isEmpty()) {
      keepInputs();
    }
  }

  @Override
  public Map<String, Tensor> outputs() {
    requireOpen();
    if (!ran && outputs.isEmpty()) {
      throw new IllegalStateException("outputs: nothing has been run");
    }
    if (outputs.isEmpty()) {
      Map<String, Tensor> views = new LinkedHashMap<>();
      last.plan().outputs().forEach((name, place) -> views.put(name, last.memory().tensor(place)));
      outputs = Collections.unmodifiableMap(views);
    }
    return outputs;
  }

  @Override
  public List<NodeTime> profile() {
    requireOpen();
    List<NodeTime> times = new ArrayList<>();
    for (int i = 0; i < nanos.length; i++) {
      PlannedStep step = last.plan().steps().get(i);
      times.add(new NodeTime(step.nodes(), step.kernel(), nanos[i]));
    }
    return times;
  }

  @Override
  public void close() {
    closed = true;
    workers.close();
    tied.clear();
    pending.clear();
    current = null;
    last = null;
    outputs = Map.of();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("bound: closed, expected an open one; bind the executable again");
    }
  }
}
