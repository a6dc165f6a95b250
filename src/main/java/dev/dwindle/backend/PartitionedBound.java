package dev.dwindle.backend;

import dev.dwindle.graph.TensorType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One request in flight over several parts: runs them in order and hands values on. */
final class PartitionedBound implements Bound {
  private static final long MOST_ON_HEAP = 1L << 30;

  private final PartitionedExecutable executable;
  private final List<Bound> bounds = new ArrayList<>();
  private Parts parts;
  private final Map<String, String> carried = new LinkedHashMap<>();
  private final Map<String, Tensor> values = new HashMap<>();
  /** Inputs set since the last run: they count, not what is carried to them. */
  private final Set<String> fresh = new HashSet<>();
  /** Inputs that have been set, and their values: copies, kept where an input is an output too, and until a run was done. */
  private final Map<String, Tensor> given = new HashMap<>();
  private boolean settled;
  /** The part that ran last, where its values are not among the others yet. */
  private Bound latest;
  private boolean closed;

  PartitionedBound(PartitionedExecutable executable) {
    this.executable = executable;
    bind(executable.parts());
    values.putAll(executable.constants());
  }

  private void bind(Parts to) {
    parts = to;
    parts.list().forEach(p -> bounds.add(p.executable().bind()));
  }

  @Override
  public void set(String input, Tensor value) {
    requireOpen();
    require("input", input, executable.inputs());
    TensorType type = executable.type(input);
    if (type != null && !type.accepts(value)) {
      throw new InvalidInputException("input '" + input + "': found " + value + ", expected " + type);
    }
    given.put(input, settled && !executable.outputs().contains(input) ? null : copy(value));
    fresh.add(input);
    hand(input, value);
  }

  private void hand(String input, Tensor value) {
    for (int i = 0; i < bounds.size(); i++) {
      if (parts.list().get(i).inputs().contains(input)) {
        bounds.get(i).set(input, value);
      }
    }
  }

  @Override
  public void carry(String output, String input) {
    requireOpen();
    require("output", output, executable.outputs());
    require("input", input, executable.inputs());
    carried.put(input, output);
  }

  private static void require(String kind, String name, List<String> names) {
    if (!names.contains(name)) {
      throw new InvalidInputException(
          kind + " '" + name + "': the graph has none of this name, expected one of " + names);
    }
  }

  @Override
  public void run() {
    requireOpen();
    for (String input : executable.inputs()) {
      if (!given.containsKey(input)) {
        throw new InvalidInputException("input '" + input + "': not set, expected a " + executable.type(input));
      }
    }
    if (!carried.isEmpty()) takeLatest();
    // All copies are made before the first part overwrites what they are made of.
    Map<String, Tensor> next = new LinkedHashMap<>();
    carried.forEach((input, output) -> {
      if (values.containsKey(output) && !fresh.contains(input)) {
        next.put(input, copy(values.get(output)));
      }
    });
    parts.list().forEach(p -> p.outputs().forEach(values::remove));
    latest = null;
    next.forEach(this::set);
    runParts();
    settle();
    given.forEach((input, value) -> {
      if (executable.outputs().contains(input)) {
        values.put(input, value);
      }
    });
    fresh.clear();
  }

  /** From now on parts stay, and inputs are theirs alone. */
  private void settle() {
    if (!settled) given.replaceAll((input, value) -> executable.outputs().contains(input) ? value : null);
    settled = true;
  }

  private void runParts() {
    while (true) {
      try {
        for (int i = 0; i < bounds.size(); i++) run(bounds.get(i), parts.list().get(i).inputs());
        return;
      } catch (NodeRefusedException refusal) {
        if (settled) throw refusal;
        exchange(executable.without(refusal, parts));
      }
    }
  }

  private void run(Bound bound, List<String> read) {
    for (String input : read) {
      if (!executable.inputs().contains(input)) bound.set(input, values.get(input));
    }
    bound.run();
    if (bound == bounds.getLast()) {
      latest = bound;
    } else {
      values.putAll(bound.outputs());
    }
  }

  /** The values of the part that ran last, which are looked at when somebody asks. */
  private void takeLatest() {
    if (latest != null) values.putAll(latest.outputs());
    latest = null;
  }

  /** Other parts take over, with the inputs that were given. */
  private void exchange(Parts by) {
    parts.list().forEach(p -> p.outputs().forEach(values::remove));
    bounds.forEach(Bound::close);
    bounds.clear();
    bind(by);
    given.forEach(this::hand);
  }

  /** On the heap, which is cleared in time where copies are made in each run, as far as an array reaches. */
  private static Tensor copy(Tensor view) {
    if (view.dtype() == DType.STRING) return view;
    if (view.byteSize() <= MOST_ON_HEAP) return Tensor.of(view.dtype(), view.shape(), view.bytes());
    return Tensor.wrap(view.dtype(), view.shape(),
        Arena.ofAuto().allocate(view.byteSize(), Long.BYTES).copyFrom(view.segment()));
  }

  @Override
  public Map<String, Tensor> outputs() {
    requireOpen();
    takeLatest();
    Map<String, Tensor> outputs = new LinkedHashMap<>();
    for (String name : executable.outputs()) {
      if (!values.containsKey(name)) {
        throw new IllegalStateException("outputs: nothing has been run");
      }
      outputs.put(name, values.get(name));
    }
    return outputs;
  }

  @Override
  public List<NodeTime> profile() {
    requireOpen();
    return bounds.stream().flatMap(b -> b.profile().stream()).toList();
  }

  @Override
  public void close() {
    closed = true;
    bounds.forEach(Bound::close);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("bound: closed, expected an open one; bind the executable again");
    }
  }
}
