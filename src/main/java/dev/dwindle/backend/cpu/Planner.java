package dev.dwindle.backend.cpu;

import dev.dwindle.backend.cpu.kernel.Step;
import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.op.Operator;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Turns a graph whose types are known as far as they can be into a {@link Plan}. */
final class Planner {
  /** Operators whose result has the elements of their first input in the same order. */
  private static final Set<String> VIEWS = Set.of("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity");

  private final Planning planning;
  private final Set<Buffer> inputBuffers = new HashSet<>();

  private Planner(Constants constants) {
    planning = new Planning(constants);
  }

  /** @param constants shared by the plans of an executable */
  static Plan plan(Graph graph, Constants constants) {
    return new Planner(constants).planMain(graph);
  }

  private Plan planMain(Graph graph) {
    Map<String, Place> inputs = new LinkedHashMap<>();
    for (Value input : graph.requiredInputs()) {
      Place place = planning.place(input);
      planning.keep(place);
      if (place instanceof Place.Planned planned) {
        inputBuffers.add(planned.buffer());
      }
      inputs.put(input.name(), place);
    }
    List<PlannedStep> steps = plan(graph.nodes());
    Map<String, Place> outputs = new LinkedHashMap<>();
    for (Value output : graph.outputs()) {
      Place place = output(output, steps);
      planning.keep(place);
      outputs.put(output.name(), place);
    }
    Map<Store, Integer> lengths = MemoryLayout.place(planning.buffers());
    return new Plan(List.copyOf(steps), inputs, outputs, lengths, planning.held());
  }

  /** The place of an output: its own, never an input's, so that a carried output does not change while it is read. */
  private Place output(Value output, List<PlannedStep> steps) {
    Place place = planning.place(output);
    if (!(place instanceof Place.Planned planned) || !inputBuffers.contains(planned.buffer())) {
      return place;
    }
    Place own = planning.allot(output);
    planning.touch(own);
    steps.add(copy(List.of(output.name()), place, own));
    planning.nextStep();
    return own;
  }

  private List<PlannedStep> plan(List<Node> nodes) {
    List<PlannedStep> steps = new ArrayList<>();
    for (Node node : nodes) {
      if (!isView(node)) {
        steps.add(step(node));
        planning.nextStep();
      }
    }
    return steps;
  }

  /** Lets the outputs of a node lie within its input where they are runs of it. */
  private boolean isView(Node node) {
    if (!Movement.isMoving(node) || node.input(0).isConstant() || node.is("Concat")
        || !(planning.place(node.input(0)) instanceof Place.Planned source)) {
      return false;
    }
    if (VIEWS.contains(node.operator())) {
      planning.alias(node.output(), source.as(Fused.shape(node.output()), 0));
      return true;
    }
    List<List<Movement.Run>> outputs = planning.movement(node).outputs();
    if (!outputs.stream().allMatch(runs -> runs == null || Movement.viewStart(runs) >= 0)) {
      return false;
    }
    for (int i = 0; i < outputs.size(); i++) {
      if (outputs.get(i) != null) {
        int start = Movement.viewStart(outputs.get(i));
        planning.alias(node.output(i), source.as(Fused.shape(node.output(i)), start));
      }
    }
    return true;
  }

  private PlannedStep step(Node node) {
    if (isPlannedInside(node)) {
      return branches(node);
    }
    CpuKernel kernel = isStatic(node) ? CpuKernels.find(node) : null;
    if (kernel != null) {
      PlannedStep.Binding binding = kernel.plan(node, planning);
      return new PlannedStep(names(node), kernel.name(node, planning), binding);
    }
    return plain(node);
  }

  private PlannedStep plain(Node node) {
    Operator operator = Operators.of(node);
    List<Place> inputs = node.inputs().stream().map(v -> v == null ? null : planning.place(v)).toList();
    List<Place> outputs = node.outputs().stream().map(v -> v == null ? null : planning.place(v)).toList();
    Map<Value, Place> around = new LinkedHashMap<>();
    Captures.of(node).forEach(v -> around.put(v, planning.place(v)));
    return new PlannedStep(names(node), "plain " + node.operator(),
        memory -> new PlainStep(node, operator, inputs, outputs, memory,
            new BodyInterpreter(v -> memory.tensor(around.get(v)))));
  }

  /** Both branches of an If in the memory of the plan around them. */
  private PlannedStep branches(Node node) {
    Place condition = planning.place(node.input(0));
    List<PlannedStep> yes = branch(node, "then_branch");
    List<PlannedStep> no = branch(node, "else_branch");
    return new PlannedStep(names(node), "branches", memory -> {
      Step[] ifTrue = bind(yes, memory);
      Step[] ifFalse = bind(no, memory);
      Tensor flag = condition instanceof Place.Held ? null : memory.tensor(condition);
      return workers -> {
        Tensor now = flag == null ? memory.tensor(condition) : flag;
        for (Step step : now.segment().get(ValueLayout.JAVA_BYTE, 0) != 0 ? ifTrue : ifFalse) {
          Interrupts.check();
          step.run(workers);
        }
      };
    });
  }

  private List<PlannedStep> branch(Node node, String attribute) {
    Graph body = ((Attribute.GraphValue) node.attribute(attribute).value()).graph();
    List<PlannedStep> steps = plan(body.nodes());
    for (int i = 0; i < node.outputs().size(); i++) {
      if (node.output(i) != null) {
        steps.add(copy(names(node), planning.place(body.outputs().get(i)), planning.place(node.output(i))));
        planning.nextStep();
      }
    }
    return steps;
  }

  private static PlannedStep copy(List<String> names, Place from, Place to) {
    return new PlannedStep(names, "copy",
        memory -> workers -> PlainStep.store(memory.tensor(from), to, memory));
  }

  /** Whether the node's subgraphs are planned in the memory around them: those of an If of static types. */
  static boolean isPlannedInside(Node node) {
    return node.is("If") && isStatic(node);
  }

  static Step[] bind(List<PlannedStep> steps, Memory memory) {
    return steps.stream().map(s -> s.binding().bind(memory)).toArray(Step[]::new);
  }

  private static List<String> names(Node node) {
    return List.of(Fused.name(node));
  }

  /** Whether all types at the node are static; of an If also those that its branches end with. */
  static boolean isStatic(Node node) {
    boolean own = node.inputs().stream().allMatch(Planner::isStatic)
        && node.outputs().stream().allMatch(Planner::isStatic);
    if (!own || !node.is("If")) {
      return own;
    }
    for (Graph body : node.subgraphs()) {
      for (int i = 0; i < node.outputs().size(); i++) {
        Value inner = body.outputs().get(i);
        Value outer = node.output(i);
        if (outer != null && !(isStatic(inner) && inner.tensorType().equals(outer.tensorType()))) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean isStatic(Value value) {
    return value == null || value.isConstant()
        || (Fused.type(value) != null && Store.of(Fused.type(value).dtype()) != null);
  }
}
