package dev.dwindle.backend.cuda;

import dev.dwindle.graph.Node;
import dev.dwindle.graph.Value;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Functions of single numbers that follow a step and are done by its launch, as {@code chain.cuh} does them: each is all that reads the one before it, and what it reads besides is there already.
 *
 * @param result what is there in the end
 * @param operands what functions read besides
 */
record Chain(Value result, List<Link> links, List<Value> operands) {
  /** Nothing follows. */
  static final Chain NONE = new Chain(null, List.of(), List.of());

  private static final Kernel KERNEL = new Kernel("elementwise", "chain");
  private static final int MOST_LINKS = 6;
  private static final int MOST_OPERANDS = 3;

  /** Functions by their codes; those of two numbers that are not the same turned have another code for that. */
  private static final List<String> FUNCTIONS = List.of("Relu", "Clip", "LeakyRelu", "HardSigmoid", "HardSwish",
      "Sigmoid", "Neg", "Abs", "Sqrt", "Exp", "Tanh", "Erf", "Add", "Sub", "Mul", "Div", "Max", "Min");
  private static final Map<String, Integer> TURNED = Map.of("Sub", FUNCTIONS.size(), "Div", FUNCTIONS.size() + 1);
  private static final int FIRST_OF_TWO = FUNCTIONS.indexOf("Add");

  /**
   * One function, as the struct of that name.
   *
   * @param operand by its place among the operands; -1 where the other number is {@code p}, or there is none
   * @param size how many numbers the operand has; 0 where the number at the same place counts
   * @param inner neighbours that have the same number
   */
  record Link(int function, float p, float q, int operand, int size, int inner) {}

  /** What follows a value that a step makes. */
  static Chain after(Value value, Planning planning) {
    return new Chain(value, List.of(), List.of()).extended(planning);
  }

  private Chain extended(Planning planning) {
    Node next = next(result);
    Chain longer = next == null ? null : with(next, result, planning);
    if (longer == null) return this;
    planning.include(next);
    return longer.extended(planning);
  }

  /** Does a function together with what follows it, in one launch; false where that is nothing, or the function is of another kind. */
  static boolean launch(Node node, Planning planning) {
    for (Value value : node.inputs()) {
      Chain first = value == null ? null : new Chain(value, List.of(), List.of()).with(node, value, planning);
      if (first == null) continue;
      Chain chain = first.extended(planning);
      if (chain.links.size() == 1) return false;
      long size = Typed.shape(chain.result).size();
      Arguments arguments = new Arguments().at(planning.place(value)).at(planning.place(chain.result)).int64(size);
      planning.launch(KERNEL.over(Typed.dtype(value)), Grid.ofFours(size), chain.add(arguments, planning));
      return true;
    }
    return false;
  }

  /** The only reader of a value that nothing outside of the graph reads. */
  private static Node next(Value value) {
    return value.isGraphOutput() || value.uses().size() != 1 ? null : value.uses().getFirst().node();
  }

  /** This with one function more, or null where there is no room for it or it is of another kind. */
  private Chain with(Node node, Value from, Planning planning) {
    int function = node.domain().isEmpty() ? FUNCTIONS.indexOf(node.operator()) : -1;
    boolean fits = function >= 0 && links.size() < MOST_LINKS && Typed.areReal(List.of(from))
        && node.outputs().size() == 1 && Typed.isStatic(node.output())
        && Typed.shape(node.output()).equals(Typed.shape(from));
    if (!fits) return null;
    if (function < FIRST_OF_TWO) {
      if (node.input(0) != from || !new UnaryKernel().matches(node) || !UnaryKernel.isConstant(node)) return null;
      float[] numbers = UnaryKernel.numbers(node);
      return plus(node, new Link(function, numbers[0], numbers[1], -1, 0, 1), null);
    }
    if (!new BinaryKernel().matches(node)) return null;
    boolean turned = node.input(0) != from;
    Value other = node.input(turned ? 0 : 1);
    int code = turned ? TURNED.getOrDefault(node.operator(), function) : function;
    if (other == from) return null;
    if (other.isConstant() && other.tensor().size() == 1) {
      return plus(node, new Link(code, (float) Elements.doubles(other.tensor())[0], 0, -1, 0, 1), null);
    }
    if (operands.size() == MOST_OPERANDS || !planning.isThere(other)) return null;
    int[] run = run(Typed.shape(other), Typed.shape(from));
    return run == null ? null : plus(node, new Link(code, 0, 0, operands.size(), run[0], run[1]), other);
  }

  private Chain plus(Node node, Link link, Value operand) {
    List<Link> longer = new ArrayList<>(links);
    longer.add(link);
    List<Value> more = new ArrayList<>(operands);
    if (operand != null) more.add(operand);
    return new Chain(node.output(), List.copyOf(longer), List.copyOf(more));
  }

  /** How many numbers an operand has, and how many neighbours each is for; null where it broadcasts in another way. */
  private static int[] run(Shape operand, Shape whole) {
    if (operand.equals(whole)) return new int[] {0, 1};
    int missing = whole.rank() - operand.rank();
    if (missing < 0) return null;
    int from = 0;
    while (from < operand.rank() && operand.dim(from) == 1) from++;
    int to = operand.rank();
    while (to > from && operand.dim(to - 1) == 1) to--;
    for (int axis = from; axis < to; axis++) {
      if (operand.dim(axis) != whole.dim(missing + axis)) return null;
    }
    long inner = whole.product(missing + to, whole.rank());
    return operand.size() > Integer.MAX_VALUE || inner > Integer.MAX_VALUE ? null
        : new int[] {(int) operand.size(), (int) inner};
  }

  /** Adds the addresses of the operands and the struct. */
  Arguments add(Arguments arguments, Planning planning) {
    for (int i = 0; i < MOST_OPERANDS; i++) {
      arguments.at(i < operands.size() ? planning.place(operands.get(i)) : null);
    }
    int[] words = new int[1 + 6 * MOST_LINKS];
    words[0] = links.size();
    for (int i = 0; i < links.size(); i++) {
      Link link = links.get(i);
      int[] of = {link.function, Float.floatToRawIntBits(link.p), Float.floatToRawIntBits(link.q), link.operand,
          link.size, link.inner};
      System.arraycopy(of, 0, words, 1 + 6 * i, of.length);
    }
    return arguments.struct(words);
  }
}
