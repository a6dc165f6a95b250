package dev.dwindle.rewrite;

import dev.dwindle.graph.Function;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.op.Ops;
import dev.dwindle.tensor.InvalidInputException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Raises a model to a newer version of ONNX's own operator set, one version after the other, operator by operator: the
 * outputs stay the same. An operator without a rule only gained types, attributes or wording. Nodes of other domains
 * are left alone.
 */
public final class OpsetLift {
  /** The oldest operator set that can be raised. */
  public static final int OLDEST = 7;

  private static final List<LiftRule> RULES = List.of(
      rule(9, "BatchNormalization", LiftsOfMeaning::batchNormalizationSpatial),
      rule(9, "Scan", LiftOfScan::apply),
      rule(9, "Upsample", LiftsToInputs::upsampleScales),
      rule(10, "Dropout", LiftsToInputs::dropoutMask),
      rule(10, "Slice", LiftsToInputs::slice),
      rule(10, "TopK", LiftsToInputs::topK),
      rule(10, "Upsample", LiftsOfResize::upsample),
      rule(11, "Clip", LiftsToInputs::clip),
      rule(11, "Pad", LiftsToInputs::pad),
      rule(11, "Resize", LiftsOfResize::resize11),
      rule(11, "Scatter", LiftsOfMeaning::scatter),
      rule(12, "Dropout", LiftsToInputs::dropout),
      rule(13, "Hardmax", LiftsOfMeaning::softmax),
      rule(13, "LogSoftmax", LiftsOfMeaning::softmax),
      rule(13, "ReduceSum", LiftsToInputs::axes),
      rule(13, "Resize", LiftsOfResize::resize13),
      rule(13, "Softmax", LiftsOfMeaning::softmax),
      rule(13, "Split", LiftsToInputs::split),
      rule(13, "Squeeze", LiftsToInputs::axes),
      rule(13, "Unsqueeze", LiftsToInputs::axes),
      rule(14, "BatchNormalization", LiftsOfMeaning::batchNormalizationOutputs),
      rule(16, "RoiAlign", LiftsOfMeaning::roiAlign),
      rule(18, "ReduceL1", LiftsToInputs::axes),
      rule(18, "ReduceL2", LiftsToInputs::axes),
      rule(18, "ReduceLogSum", LiftsToInputs::axes),
      rule(18, "ReduceLogSumExp", LiftsToInputs::axes),
      rule(18, "ReduceMax", LiftsToInputs::axes),
      rule(18, "ReduceMean", LiftsToInputs::axes),
      rule(18, "ReduceMin", LiftsToInputs::axes),
      rule(18, "ReduceProd", LiftsToInputs::axes),
      rule(18, "ReduceSumSquare", LiftsToInputs::axes),
      rule(18, "Split", LiftsToInputs::splitCount),
      rule(20, "DFT", LiftsToInputs::dft),
      rule(20, "GridSample", LiftsOfMeaning::gridSample),
      rule(21, "GroupNormalization", LiftsOfMeaning::groupNormalization));

  private OpsetLift() {}

  private static LiftRule rule(int version, String operator, Consumer<LiftCall> change) {
    return new LiftRule(version, operator, change);
  }

  /**
   * Raises the main graph, subgraphs and functions to an operator set version, and the IR version as far as that needs;
   * parts that are newer already stay as they are.
   *
   * @param opset at most {@link Ops#NEWEST_OPSET}
   * @return how many nodes were rewritten
   * @throws InvalidInputException where a version is out of range or a node cannot be expressed in the newer version;
   *           the model is then half lifted and no longer of use
   */
  public static int lift(Model model, int opset) {
    if (opset > Ops.NEWEST_OPSET) {
      throw new InvalidInputException(
          "opset " + opset + ": is newer than the newest known, " + Ops.NEWEST_OPSET);
    }
    int changed = lift(model.graph(), model.opsets(), opset);
    for (Function function : model.functions()) {
      changed += lift(function.body(), function.opsets(), opset);
    }
    int reached = model.opsets().getOrDefault("", 0);
    model.setIrVersion(Math.max(model.irVersion(), IrVersions.lowest(reached)));
    return changed;
  }

  private static int lift(Graph graph, Map<String, Integer> opsets, int opset) {
    int from = opsets.getOrDefault("", opset);
    if (from < OLDEST && from < opset) {
      throw new InvalidInputException("graph '" + graph.name() + "': opset is " + from + ", expected at least "
          + OLDEST + " to be raised to " + opset);
    }
    int changed = 0;
    Types types = from < opset ? ShapeInference.of(graph) : null;
    for (int version = from + 1; version <= opset; version++) {
      changed += step(graph, version, types);
      opsets.put("", version);
    }
    return changed;
  }

  private static int step(Graph graph, int version, Types types) {
    int changed = 0;
    for (Node node : List.copyOf(graph.nodes())) {
      for (Graph sub : node.subgraphs()) {
        changed += step(sub, version, types);
      }
      for (LiftRule rule : RULES) {
        if (rule.version() == version && node.is(rule.operator())) {
          rule.change().accept(new LiftCall(node, version, types));
          changed++;
        }
      }
    }
    return changed;
  }
}
