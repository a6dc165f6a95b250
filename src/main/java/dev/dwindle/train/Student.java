package dev.dwindle.train;

import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.Use;
import dev.dwindle.graph.Value;
import dev.dwindle.rewrite.ChannelGroups;
import dev.dwindle.rewrite.Inlining;
import dev.dwindle.rewrite.IrVersions;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.rewrite.Simplification;
import dev.dwindle.tensor.InvalidInputException;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/**
 * A smaller network made from a teacher's graph, with the inputs and outputs of the teacher, to be trained by distillation
 * (Hinton et al., 2015). Nothing here changes the model that it is given.
 *
 * @param share what is kept of channels, of blocks, or of the multiply-adds of each layer
 * @param words how it was made of the teacher, such as {@code 0.25 of the channels of each layer}
 * @param cost what its budget says that it costs
 */
public record Student(Model model, double share, String words, double cost) {
  /** How a teacher is made smaller. */
  public enum Way {
    /** {@link Student#narrow} */
    CHANNELS,
    /** {@link Student#shorten} */
    BLOCKS,
    /** {@link Student#factor} */
    RANK
  }

  /** Shares that low-rank factors are tried with. */
  private static final int SHARES = 64;

  /** The teacher as students are made from it: functions inlined, simplified, each bias read by one layer only. */
  public static Model prepared(Model teacher) {
    Model model = teacher.copy();
    Inlining.inline(model);
    Simplification.simplify(model.graph());
    model.setIrVersion(Math.max(model.irVersion(), IrVersions.FIRST_WITH_FREE_INITIALIZERS));
    separateBiases(model.graph());
    return model;
  }

  /** Equal biases, such as zeros, are one constant after simplification, which would tie and train layers together. */
  private static void separateBiases(Graph graph) {
    for (Value constant : graph.constants()) {
      List<Use> biases = constant.uses().stream().filter(Student::isBias).toList();
      boolean onlyBias = biases.size() == constant.uses().size();
      for (Use use : onlyBias ? biases.subList(Math.min(1, biases.size()), biases.size()) : biases) {
        use.node().setInput(use.index(), graph.addConstant(constant.name(), constant.tensor()));
      }
    }
  }

  private static boolean isBias(Use use) {
    return switch (use.node().domain().isEmpty() ? use.node().operator() : "") {
      case "Conv", "ConvTranspose", "Gemm" -> use.index() == 2;
      case "BatchNormalization" -> use.index() > 0;
      default -> false;
    };
  }

  /**
   * Keeps a share of the channels of each of the {@linkplain ChannelGroups groups}: {@code width} times their number, rounded,
   * and at least 1. Kept are those whose weights have the largest sum of absolute values, so that the student may also begin
   * with the teacher's weights. Numbers of channels are not rounded to multiples of a vector's length: a group is
   * often only a part of what a kernel sees.
   *
   * @param width above 0, at most 1
   */
  public static Model narrow(Model teacher, double width) {
    if (!(width > 0 && width <= 1)) {
      throw new InvalidInputException("width: found " + width + ", expected more than 0 and at most 1");
    }
    Model model = prepared(teacher);
    Narrowing.apply(model, width);
    return model;
  }

  /**
   * The largest student that is within a budget: the widest, the one with the most blocks, or the one of the highest rank. Costs are asked for a number of models
   * that grows with the logarithm of the number of channels.
   *
   * @throws InvalidInputException where even the smallest is not
   */
  public static Student derive(Model teacher, Budget budget, Way way) {
    return switch (way) {
      case CHANNELS -> {
        Model prepared = prepared(teacher);
        List<Double> widths = widths(prepared);
        yield largest(widths.size(), budget, i -> {
          Model model = prepared.copy();
          Narrowing.apply(model, widths.get(i));
          return student(model, widths.get(i), "%.3g of the channels of each layer", budget);
        });
      }
      case BLOCKS -> {
        int blocks = blocks(teacher).size();
        yield largest(blocks + 1, budget,
            kept -> student(shorten(teacher, blocks - kept), blocks == 0 ? 1 : kept / (double) blocks,
                "%.3g of the residual blocks", budget));
      }
      case RANK -> largest(SHARES - 1, budget, i -> student(factor(teacher, (i + 1.0) / SHARES), (i + 1.0) / SHARES,
          "factors of at most %.3g of the multiply-adds of each layer", budget));
    };
  }

  private static Student student(Model model, double share, String words, Budget budget) {
    return new Student(model, share, String.format(Locale.ROOT, words, share), budget.cost().applyAsDouble(model));
  }

  /** The last of students in ascending order that is within a budget. */
  private static Student largest(int count, Budget budget, IntFunction<Student> candidates) {
    Student best = candidates.apply(0);
    if (!budget.allows(best.cost)) {
      throw new InvalidInputException(String.format(Locale.ROOT,
          "student: the smallest, with %s, costs %.4g, expected at most %.4g; allow more, or make it in another way",
          best.words, best.cost, budget.limit()));
    }
    int fits = 0;
    int beyond = count;
    while (beyond - fits > 1) {
      int middle = (fits + beyond) / 2;
      Student candidate = candidates.apply(middle);
      if (budget.allows(candidate.cost)) {
        fits = middle;
        best = candidate;
      } else {
        beyond = middle;
      }
    }
    return best;
  }

  /** The widths at which some group has one channel more, ascending. */
  private static List<Double> widths(Model model) {
    TreeSet<Double> widths = new TreeSet<>();
    for (ChannelGroups.Group group : ChannelGroups.of(model.graph()).groups()) {
      for (int kept = 1; kept <= group.size(); kept++) widths.add(Narrowing.width(kept, group.size()));
    }
    widths.add(1.0);
    return List.copyOf(widths);
  }

  /**
   * A residual block: an Add of a value and of what a branch makes of it. Where blocks of several kinds come in turn, as attention and feed-forward in a transformer, one
   * of each is a block.
   *
   * @param name the Add, as errors name it
   * @param branch the nodes of the branch, as errors name them, in order
   */
  public record Block(String name, List<String> branch) {}

  /** The residual blocks of a teacher, in order, that {@link #shorten} may drop; of nested ones the inner. */
  public static List<Block> blocks(Model teacher) {
    return Shortening.blocks(prepared(teacher).graph()).stream()
        .map(found -> new Block(
            found.parts().stream().map(part -> part.add().label()).collect(Collectors.joining(" and ")),
            found.parts().stream().flatMap(part -> part.branch().reversed().stream()).map(Node::label).toList()))
        .toList();
  }

  /**
   * Drops the branches of so many {@linkplain #blocks blocks}, spread evenly over the network: what the branch was added to goes
   * on alone.
   *
   * @throws InvalidInputException where there are fewer
   */
  public static Model shorten(Model teacher, int blocks) {
    Model model = prepared(teacher);
    int found = Shortening.blocks(model.graph()).size();
    if (blocks < 0 || blocks > found) {
      throw new InvalidInputException("student: " + blocks + " residual blocks are to go, expected 0 to the " + found
          + " that can");
    }
    Shortening.apply(model, blocks);
    return model;
  }

  /** Drops blocks of a {@linkplain #prepared prepared} model by their places among its {@linkplain #blocks blocks}. */
  public static void drop(Model model, int... blocks) {
    Shortening.drop(model, blocks);
  }

  /**
   * Puts two layers with fewer channels between them in place of each Gemm, MatMul and Conv (in one group) whose weights are a
   * constant of its own: the matrix becomes the nearest product of two (the first terms of its singular value
   * decomposition). Of a Conv the first part keeps the window and the second is 1x1. One channel there is at least; a layer for which that is no less stays.
   *
   * @param share of its multiply-adds that each pair of layers may have, where one channel does not need more, above 0 and below 1
   */
  public static Model factor(Model teacher, double share) {
    if (!(share > 0 && share < 1)) {
      throw new InvalidInputException("share: found " + share + ", expected more than 0 and less than 1");
    }
    Model model = prepared(teacher);
    Factoring.apply(model.graph(), share);
    ShapeInference.of(model.graph()).store();
    return model;
  }

  /**
   * Puts a BatchNormalization that changes nothing (but for its epsilon) behind each Conv that has none and is not an output,
   * and the Conv's bias into its offset: a network whose normalizations were folded is hard to train anew without.
   * {@link Simplification} folds them again.
   */
  public static Model normalized(Model student) {
    Model model = student.copy();
    Normalizing.apply(model.graph());
    return model;
  }

  /**
   * Draws all weights anew: those of Conv, ConvTranspose, Gemm and MatMul uniformly with variance {@code 2 / n} for {@code n} products in a
   * sum (He et al., 2015, equation 10), biases 0, scales of normalizations 1 and their offsets 0, means 0, variances 1. Other
   * constants stay. What a constant gets depends on its name, its shape and the seed, on every machine alike.
   */
  public static Model redraw(Model student, long seed) {
    Model model = student.copy();
    Redraw.apply(model.graph(), seed);
    return model;
  }
}
