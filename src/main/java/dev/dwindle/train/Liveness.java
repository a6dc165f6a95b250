package dev.dwindle.train;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.train.ForwardPass.Segment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Adds up what is alive at once when the nodes of a step run in their order, some of them a second time. */
final class Liveness {
  /** Operators whose output lies where their input does. */
  private static final Set<String> VIEWS = Set.of("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity");

  /** A value as it was first computed, or as it was computed again. */
  private record Life(Value value, boolean again) {}

  private final ForwardPass forward;
  private final Map<Life, Integer> ends = new HashMap<>();
  private final Map<Life, Life> roots = new HashMap<>();
  private final List<List<Life>> begun = new ArrayList<>();

  private Liveness(ForwardPass forward) {
    this.forward = forward;
  }

  /** The greatest sum, in bytes; inputs and outputs of the graph count all the while. */
  static long peak(Graph graph, ForwardPass forward, List<Segment> segments) {
    Liveness liveness = new Liveness(forward);
    Map<Node, Segment> starts = new HashMap<>();
    Set<Value> again = new HashSet<>();
    for (Segment segment : segments) {
      starts.put(segment.before(), segment);
      again.addAll(segment.values());
    }
    for (Node node : graph.nodes()) {
      Segment segment = starts.get(node);
      if (segment != null) segment.nodes().forEach(inner -> liveness.run(inner, segment.values(), true));
      liveness.run(node, forward.contains(node) ? Set.of() : again, false);
    }
    long fixed = graph.requiredInputs().stream().mapToLong(forward::bytes).sum()
        + graph.outputs().stream().mapToLong(forward::bytes).sum();
    return fixed + liveness.most();
  }

  /** @param again what the node reads as it was computed again */
  private void run(Node node, Set<Value> again, boolean isAgain) {
    List<Life> fresh = new ArrayList<>();
    for (Value input : ForwardPass.read(node)) {
      ends.put(root(new Life(input, again.contains(input))), begun.size());
    }
    for (Value output : ForwardPass.outputs(node)) {
      Life life = new Life(output, isAgain);
      if (node.domain().isEmpty() && VIEWS.contains(node.operator())) {
        roots.put(life, root(new Life(node.input(0), again.contains(node.input(0)))));
      } else {
        fresh.add(life);
        ends.put(life, begun.size());
      }
    }
    begun.add(fresh);
  }

  private Life root(Life life) {
    return roots.getOrDefault(life, life);
  }

  private long most() {
    long[] freed = new long[begun.size() + 1];
    long alive = 0;
    long most = 0;
    for (int i = 0; i < begun.size(); i++) {
      alive -= freed[i];
      for (Life life : begun.get(i)) {
        if (life.value().isGraphOutput()) continue;
        long bytes = forward.bytes(life.value());
        alive += bytes;
        freed[ends.get(life) + 1] += bytes;
      }
      most = Math.max(most, alive);
    }
    return most;
  }
}
