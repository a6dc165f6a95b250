package dev.dwindle.train;

import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Use;
import dev.dwindle.graph.Value;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A network in floating point of which all weights are trained; zeros in some may be held. */
public final class FloatTrainable implements Trainable {
  /** The share of zeros from which on weights count as pruned: training leaves hardly any. */
  private static final double PRUNED = 0.001;

  private final Model plain;
  private final Model masked;
  private final boolean freezesStatistics;
  private long held;
  private long heldEntries;

  private FloatTrainable(Model model, boolean freezesStatistics) {
    plain = model;
    masked = model.copy();
    this.freezesStatistics = freezesStatistics;
  }

  /**
   * A network to be trained, which is not changed.
   *
   * @param freezesStatistics whether batch normalizations keep the statistics that they have
   * @param holdsZeros whether zeros stay in weights of two axes or more of which a thousandth is zero, and in codebooks: their gradients are multiplied by 0
   */
  public static FloatTrainable of(Model model, boolean freezesStatistics, boolean holdsZeros) {
    FloatTrainable trainable = new FloatTrainable(model, freezesStatistics);
    if (holdsZeros) trainable.hold();
    return trainable;
  }

  private void hold() {
    Graph graph = masked.graph();
    for (Value weight : List.copyOf(graph.constants())) {
      if (!TrainingStep.isWeight(weight) || weight.tensor().dtype() != DType.FLOAT || weight.isUnused()) continue;
      boolean codebook = isCodebook(weight);
      if (!codebook && weight.tensor().shape().rank() < 2) continue;
      float[] numbers = weight.tensor().floats();
      float[] mask = new float[numbers.length];
      int zeros = 0;
      for (int i = 0; i < numbers.length; i++) {
        mask[i] = numbers[i] == 0 ? 0 : 1;
        zeros += numbers[i] == 0 ? 1 : 0;
      }
      if (zeros == 0 || (!codebook && zeros < PRUNED * numbers.length)) continue;
      List<Use> uses = weight.uses().stream().filter(use -> use.node().graph() == graph).toList();
      if (uses.size() < weight.uses().size()) continue; // read inside a body
      if (codebook) heldEntries += zeros;
      else
        held += zeros;
      Value ones = graph.addConstant(weight.name() + "_mask", Tensor.of(weight.tensor().shape(), mask));
      Node first = graph.nodes().stream().filter(node -> uses.stream().anyMatch(use -> use.node() == node)).findFirst()
          .orElseThrow();
      Value product = graph.node("Mul").in(weight, ones).out(weight.name() + "_held", weight.type()).before(first)
          .output();
      uses.forEach(use -> use.node().setInput(use.index(), product));
    }
  }

  /** Whether weights are looked up in a constant at places that are constant, too: an entry of it that is zero stands for all pruned ones. */
  private static boolean isCodebook(Value value) {
    return value.uses().stream().allMatch(use -> use.index() == 0
        && (use.node().is("Gather") || use.node().is("GatherElements")) && isConstant(use.node().input(1)));
  }

  private static boolean isConstant(Value places) {
    return places.isConstant() || (places.producer() != null && places.producer().is("Cast")
        && places.producer().input(0).isConstant());
  }

  /** What is held, in words; empty where nothing is. */
  public String held() {
    return Stream.of(held == 0 ? "" : held + " weights", heldEntries == 0 ? "" : heldEntries + " values of codebooks")
        .filter(words -> !words.isEmpty()).collect(Collectors.joining(" and "));
  }

  @Override
  public Model model() {
    return masked;
  }

  @Override
  public TrainingStep.Scope scope() {
    return new TrainingStep.Scope(
        value -> TrainingStep.isWeight(value) && plain.graph().value(value.name()) != null, freezesStatistics);
  }

  @Override
  public Model with(Map<String, Tensor> state) {
    Model changed = plain.copy();
    state.forEach((name, tensor) -> {
      Value value = changed.graph().value(name);
      if (value != null && value.isConstant()) changed.graph().setConstant(value, Constant.of(tensor));
    });
    return changed;
  }
}
