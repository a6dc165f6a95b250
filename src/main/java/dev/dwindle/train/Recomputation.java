package dev.dwindle.train;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.NodeBuilder;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Use;
import dev.dwindle.graph.Value;
import dev.dwindle.rewrite.Cost;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import dev.dwindle.train.ForwardPass.Segment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * Takes less memory for more time (Chen et al., Training Deep Nets with Sublinear Memory Cost, 2016): the forward pass is cut into segments; what lies inside of a segment
 * is computed again, from what the segment began with, when the backward pass comes there. The numbers are the same to the bit.
 *
 * <p>Nothing in a graph says when a node is to run, but for what it reads. So what a segment began with is read as its sum with a zero that the backward pass gives only
 * when it has come there: no runtime can compute it earlier, or take both times for one.
 */
final class Recomputation {
  /** More segments than this save nothing worth the search. */
  private static final int MOST_SEGMENTS = 32;

  /** By this factor what is alive at once is less than what was allowed, where that need not be measured. */
  private static final int CLEARLY = 4;

  /**
   * Where to cut, and how many of the first segments are computed again.
   *
   * @param peak bytes
   * @param cost multiply-adds, and elements that are written
   */
  private record Plan(int[] cuts, int segments, long peak, long cost) {}

  private final Graph graph;
  private final ForwardPass forward;

  private Recomputation(TrainingStep step) {
    graph = step.model().graph();
    forward = new ForwardPass(step);
  }

  /**
   * A step that takes no more memory, the fastest that is found.
   *
   * @param bytes the most that values may take at once
   * @param measure bytes that a graph takes where it is to run; negative where that is not known: what is alive at once is added up then; the greatest number where
   *          it cannot run for that
   * @return the same step where it takes no more
   * @throws InvalidInputException where there is none
   */
  static TrainingStep within(TrainingStep step, long bytes, ToLongFunction<Graph> measure) {
    return within(step, bytes, measure, true);
  }

  /** As {@link #within}, but where none takes so little the one that takes least. */
  static TrainingStep withinOrLeast(TrainingStep step, long bytes, ToLongFunction<Graph> measure) {
    return within(step, bytes, measure, false);
  }

  private static TrainingStep within(TrainingStep step, long bytes, ToLongFunction<Graph> measure, boolean insists) {
    Recomputation all = new Recomputation(step);
    long estimate = all.peak();
    if (estimate <= bytes / CLEARLY) return step;
    long whole = measured(all.graph, estimate, measure);
    if (whole <= bytes) return step;
    List<Plan> plans = all.plans();
    double scale = whole == Long.MAX_VALUE ? 1 : (double) whole / estimate;
    for (Plan plan : plans) {
      if (scale * plan.peak() > bytes) continue;
      TrainingStep smaller = rewritten(step, plan);
      long found = measured(smaller.model().graph(), plan.peak(), measure);
      if (found <= bytes) return smaller;
      if (found < Long.MAX_VALUE) scale = Math.max(scale, (double) found / plan.peak());
    }
    if (!insists) return plans.isEmpty() ? step : rewritten(step, plans.getLast());
    double least = scale * (plans.isEmpty() ? estimate : plans.getLast().peak());
    throw new InvalidInputException(
        "training: a step takes %,.1f MB, and about %,.1f MB where much is computed twice, expected at most %,.1f MB; take a smaller batch"
            .formatted(Math.min(whole, scale * estimate) / 1e6, least / 1e6, bytes / 1e6));
  }

  /** Bytes of what is alive at once, in the order of the graph. */
  static long bytes(TrainingStep step) {
    return new Recomputation(step).peak();
  }

  private long peak() {
    return Liveness.peak(graph, forward, List.of());
  }

  private static long measured(Graph graph, long estimate, ToLongFunction<Graph> measure) {
    long found = measure.applyAsLong(graph);
    return found < 0 ? estimate : found;
  }

  /** Plans that take ever less memory, each the fastest for what it takes. */
  private List<Plan> plans() {
    List<Plan> all = new ArrayList<>();
    for (int count = 2; count <= Math.min(MOST_SEGMENTS, forward.length()); count++) {
      int[] cuts = forward.cuts(count);
      for (int again = 1; again <= cuts.length + 1; again++) {
        List<Segment> segments = forward.segments(cuts, again);
        long cost = segments.stream().flatMap(segment -> segment.nodes().stream()).mapToLong(this::cost).sum();
        all.add(new Plan(cuts, again, Liveness.peak(graph, forward, segments), cost));
      }
    }
    all.sort(Comparator.comparingLong(Plan::cost).thenComparingLong(Plan::peak));
    List<Plan> front = new ArrayList<>();
    for (Plan plan : all) {
      if (front.isEmpty() || plan.peak() < front.getLast().peak()) front.add(plan);
    }
    return front;
  }

  private long cost(Node node) {
    boolean isKnown = node.inputs().stream().allMatch(input -> input == null || forward.types().shape(input) != null);
    return (isKnown ? Cost.multiplyAdds(node, forward.types()) : 0)
        + ForwardPass.outputs(node).stream().mapToLong(output -> forward.types().shape(output).size()).sum();
  }

  private static TrainingStep rewritten(TrainingStep step, Plan plan) {
    Model copy = step.model().copy();
    TrainingStep other = new TrainingStep(copy, step.initial(), step.carried(), step.parameters(), step.targets());
    Recomputation all = new Recomputation(other);
    all.forward.segments(plan.cuts(), plan.segments()).forEach(all::repeat);
    return other;
  }

  private void repeat(Segment segment) {
    Map<Value, Value> known = new HashMap<>();
    Map<DType, Value> zeros = new EnumMap<>(DType.class);
    for (Node node : segment.nodes()) {
      NodeBuilder again = graph.node(node.domain(), node.operator())
          .name(node.name().isEmpty() ? "" : node.name() + "_again");
      for (Value input : node.inputs()) {
        again.in(input == null ? null : known.computeIfAbsent(input, value -> later(value, segment.before(), zeros)));
      }
      node.attributes().forEach(again::attribute);
      for (Value output : node.outputs()) {
        if (output == null) again.out((Value) null);
        else
          again.out(output.name() + "_again", output.type());
      }
      Node made = again.before(segment.before());
      for (int i = 0; i < node.outputs().size(); i++) {
        if (!segment.values().contains(node.output(i))) continue;
        known.put(node.output(i), made.output(i));
        readAgain(node.output(i), made.output(i));
      }
    }
  }

  private void readAgain(Value first, Value again) {
    for (Use use : List.copyOf(first.uses())) {
      if (!forward.contains(use.node())) use.node().setInput(use.index(), again);
    }
  }

  /** A value that a segment began with, not to be had before a node; what does not depend on the data of the step is read as it is. */
  private Value later(Value value, Node before, Map<DType, Value> zeros) {
    DType dtype = forward.types().tensorType(value).dtype();
    if (!forward.isOfData(value) || dtype == null || !(dtype.isFloating() || dtype.isInteger())) return value;
    Value zero = zeros.computeIfAbsent(dtype, type -> type == DType.FLOAT ? zero(before)
        : cast(zeros.computeIfAbsent(DType.FLOAT, t -> zero(before)), type, before));
    return graph.node("Add").in(value, zero).out(value.name() + "_later", value.type()).before(before).output();
  }

  private Value cast(Value value, DType dtype, Node before) {
    return graph.node("Cast").in(value).attribute(Attribute.of("to", dtype.code()))
        .out("zero", TensorType.of(dtype, Shape.SCALAR)).before(before).output();
  }

  /** Zero, a FLOAT scalar, computed from what the backward pass gives last before a node. */
  private Value zero(Node before) {
    Value from = forward.lastBefore(before);
    int rank = from.tensorType().rank();
    Value one = from;
    if (rank > 0) {
      Value first = graph.addConstant("first", Tensor.of(Shape.of(rank), new long[rank]));
      long[] ends = new long[rank];
      Arrays.fill(ends, 1);
      Value end = graph.addConstant("end", Tensor.of(Shape.of(rank), ends));
      Value element = graph.node("Slice").in(from, first, end).out("element", null).before(before).output();
      Value scalar = graph.addConstant("scalar", Tensor.of(Shape.of(0), new long[0]));
      one = graph.node("Reshape").in(element, scalar).out("element", TensorType.of(DType.FLOAT, Shape.SCALAR))
          .before(before).output();
    }
    Value bound = graph.addConstant("bound", Tensor.scalar(0f));
    return graph.node("Clip").in(one, bound, bound).out("zero", TensorType.of(DType.FLOAT, Shape.SCALAR))
        .before(before).output();
  }
}
