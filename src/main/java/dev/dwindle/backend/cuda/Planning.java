package dev.dwindle.backend.cuda;

import dev.dwindle.backend.CompileOptions.Precision;
import dev.dwindle.backend.Extent;
import dev.dwindle.backend.NodeRefusedException;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** A plan in the making, as a kernel sees it: where values lie, scratch for the node that is being planned, and its launches. */
final class Planning {
  /** Bytes to which places are aligned, so that any kernel may read whole vectors there. */
  private static final int ALIGNMENT = 256;

  private final Precision precision;
  private final Abilities abilities;
  private final Map<Value, Place> places = new HashMap<>();
  private final List<Extent> extents = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  /** Nodes that launches of others do. */
  private final Set<Node> included = new HashSet<>();
  private List<String> nodes;
  private Place.Planned trouble;

  Planning(Precision precision, Abilities abilities) {
    this.precision = precision;
    this.abilities = abilities;
  }

  /** What products of matrices and convolutions round their numbers to. */
  Precision precision() {
    return precision;
  }

  /** Whether the GPU's tensor cores know a precision. */
  boolean has(Precision which) {
    return which != null && abilities.precisions().contains(which);
  }

  /** The bytes that cuBLASLt needs for a product; -1 where it is not there or does not take it. */
  long workspace(BlasProduct product) {
    return abilities.workspace().applyAsLong(product);
  }

  /** What launches are for from now on, by node name or first output. */
  void begin(List<String> names) {
    nodes = names;
  }

  /** The node that launches are for from now on. */
  void begin(Node node) {
    begin(List.of(name(node)));
  }

  private static String name(Node node) {
    return node.name().isEmpty() ? NodeRefusedException.name(node) : node.name();
  }

  /** Lets the launches of the current node do another one, too, which is not planned by itself then. */
  void include(Node node) {
    included.add(node);
    nodes = Stream.concat(nodes.stream(), Stream.of(name(node))).toList();
  }

  boolean isIncluded(Node node) {
    return included.contains(node);
  }

  /** Where a value lies; a value that no step has made yet gets its place here. Of a missing input, null. */
  Place place(Value value) {
    if (value == null) return null;
    Place place = places.computeIfAbsent(value,
        v -> v.isConstant() ? new Place.Fixed(v.tensor()) : place(bytes(v.tensorType())));
    touch(place, steps.size());
    return place;
  }

  private static long bytes(TensorType type) {
    return type.dtype().bytes(type.shape().size());
  }

  /** Whether a value is there when the current node is done: a constant, an input, or what was planned before. */
  boolean isThere(Value value) {
    return value.isConstant() || places.containsKey(value);
  }

  /** Memory that only the current node uses. */
  Place.Planned scratch(long bytes) {
    Place.Planned place = place(bytes);
    touch(place, steps.size());
    return place;
  }

  private Place.Planned place(long bytes) {
    Extent extent = new Extent(bytes);
    extents.add(extent);
    return new Place.Planned(extent, bytes);
  }

  /** Where kernels tell what they find wrong with their input: the step, counted from 1, and what was found, as INT64; 0 where nothing is. */
  Place.Planned trouble() {
    if (trouble == null) {
      trouble = place(Plan.TROUBLE_BYTES);
      trouble.extent().use(0);
      keep(trouble);
    }
    return trouble;
  }

  /** The same, or null where no kernel asked for it. */
  Place.Planned troubleIfAny() {
    return trouble;
  }

  private static void touch(Place place, int step) {
    if (place instanceof Place.Planned planned) planned.extent().use(step);
  }

  /** Lets a value lie where another does. */
  void alias(Value value, Place place) {
    places.put(value, place);
  }

  /** Keeps a place for the whole run and after it. */
  void keep(Place place) {
    touch(place, Extent.END);
  }

  /** Begins a kernel when all launches before are done. */
  void launch(Kernel kernel, Grid grid, Arguments arguments) {
    List<Arguments.Argument> list = arguments.list();
    for (Arguments.Argument argument : list) {
      if (argument instanceof Arguments.Argument.At at) touch(at.place(), steps.size());
    }
    steps.add(new Step(nodes, kernel, grid, list));
  }

  List<Step> steps() {
    return List.copyOf(steps);
  }

  /** Gives all places their offsets; returns how many bytes they take together. */
  long layOut() {
    return Extent.place(extents, ALIGNMENT);
  }
}
