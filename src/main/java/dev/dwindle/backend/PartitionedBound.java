package dev.dwindle.backend;

import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One request in flight over several parts: runs them in order and hands values on. */
final class PartitionedBound implements Bound {
  private final PartitionedExecutable executable;
  private final List<Bound> bounds = new ArrayList<>();
  private final Map<String, String> carried = new LinkedHashMap<>();
  private final Map<String, Tensor> values = new HashMap<>();
  /** Inputs set since the last run: they count, not what is carried to them. */
  private final Set<String> fresh = new HashSet<>();

  PartitionedBound(PartitionedExecutable executable) {
    this.executable = executable;
    executable.parts().forEach(p -> bounds.add(p.executable().bind()));
    values.putAll(executable.constants());
  }

  @Override
  public void set(String input, Tensor value) {
    require("input", input, executable.inputs());
    values.put(input, value);
    fresh.add(input);
    for (int i = 0; i < bounds.size(); i++) {
      if (executable.parts().get(i).inputs().contains(input)) {
        bounds.get(i).set(input, value);
      }
    }
  }

  @Override
  public void carry(String output, String input) {
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
    // All copies are made before the first part overwrites what they are made of.
    Map<String, Tensor> next = new LinkedHashMap<>();
    carried.forEach((input, output) -> {
      if (values.containsKey(output) && !fresh.contains(input)) {
        next.put(input, copy(values.get(output)));
      }
    });
    executable.parts().forEach(p -> p.outputs().forEach(values::remove));
    next.forEach(this::set);
    for (int i = 0; i < bounds.size(); i++) {
      Bound bound = bounds.get(i);
      for (String input : executable.parts().get(i).inputs()) {
        if (!executable.inputs().contains(input)) {
          bound.set(input, values.get(input));
        }
      }
      bound.run();
      values.putAll(bound.outputs());
    }
    fresh.clear();
  }

  private static Tensor copy(Tensor view) {
    return Tensor.of(view.dtype(), view.shape(), view.segment().toArray(ValueLayout.JAVA_BYTE));
  }

  @Override
  public Map<String, Tensor> outputs() {
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
    return bounds.stream().flatMap(b -> b.profile().stream()).toList();
  }

  @Override
  public void close() {
    bounds.forEach(Bound::close);
  }
}
