package dev.dwindle.calibrate;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How far some values of an observed graph are from others that they stand for: squared differences relative to the squares
 * of what is exact, both summed over the samples.
 */
final class Deviations {
  /** Names of the outputs that hold the sums of one run, and the totals so far. */
  private static final class Sums {
    private final String noise;
    private final String signal;
    private double noises;
    private double signals;

    Sums(String noise, String signal) {
      this.noise = noise;
      this.signal = signal;
    }
  }

  private final Observation observation;
  private final List<Sums> all = new ArrayList<>();
  private final Map<Value, String> energies = new HashMap<>();

  Deviations(Observation observation) {
    this.observation = observation;
  }

  /** Whether a value can be watched: a FLOAT tensor. */
  static boolean applies(Value value) {
    return value != null && value.tensorType() != null && value.tensorType().dtype() == DType.FLOAT;
  }

  /** Watches a value that stands for another; the number by which its error is asked. */
  int watch(Value changed, Value exact) {
    Value difference = observation.behind(changed,
        observation.graph().node("Sub").in(changed, exact).out(exact.name(), exact.type())).output();
    all.add(new Sums(energy(difference), energies.computeIfAbsent(exact, this::energy)));
    return all.size() - 1;
  }

  /** The name of a value's sum of squares, by operators that backends have fast kernels for. */
  private String energy(Value value) {
    Graph graph = observation.graph();
    Value squares = observation
        .behind(value, graph.node("Mul").in(value, value).out(value.name() + "_squares", value.type()))
        .output();
    Value energy = graph.node("ReduceSum").in(squares).attribute(Attribute.of("keepdims", 0))
        .out(value.name() + "_energy", null).after(squares.producer()).output();
    graph.addOutput(energy);
    return energy.name();
  }

  /** Takes one run's outputs. */
  void add(Map<String, Tensor> results) {
    for (Sums sums : all) {
      sums.noises += results.get(sums.noise).floats()[0];
      sums.signals += results.get(sums.signal).floats()[0];
    }
  }

  /** The root of the squared differences relative to that of the squared values; NaN where they are not finite. */
  double error(int number) {
    Sums sums = all.get(number);
    return sums.noises == 0 ? 0 : Math.sqrt(sums.noises / sums.signals);
  }
}
