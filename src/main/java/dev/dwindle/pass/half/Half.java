package dev.dwindle.pass.half;

import dev.dwindle.calibrate.ModelErrors;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Use;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.NarrowConstants;
import dev.dwindle.pass.Pass;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Patterns;
import dev.dwindle.pass.Settings;
import dev.dwindle.pass.Settings.Choice;
import dev.dwindle.pass.Settings.Real;
import dev.dwindle.pass.Settings.Setting;
import dev.dwindle.pass.Settings.Words;
import dev.dwindle.quant.HalfRounding;
import dev.dwindle.quant.WeightFormat;
import dev.dwindle.result.PassResult;
import dev.dwindle.rewrite.IrVersions;
import dev.dwindle.rewrite.OpsetLift;
import dev.dwindle.rewrite.ShapeInference;
import dev.dwindle.tensor.DType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code half}: every constant of some size as FP16 or BF16 behind a Cast, so that inputs, outputs and arithmetic stay
 * FLOAT. What overflows one type or loses more than allowed, by measurement, takes the other or stays wide.
 */
public final class Half implements Pass {
  private static final Settings.Schema SETTINGS = Settings.Schema.of(
      new Setting("format", new Choice(List.of(WeightFormat.FP16.word(), WeightFormat.BF16.word())), "fp16",
          "number format of constants"),
      new Setting("max_error", new Real(0, 1), 0.002,
          "largest relative error of a constant, and with samples of the outputs of its layer"),
      new Setting("max_output_error", new Real(0, 1), 0.001,
          "largest relative error of the model's outputs, with samples, so far as fp16_share lets bf16 reach it"),
      new Setting("fp16_share", new Real(0, 1), 0.5,
          "largest share of the numbers that max_output_error may bring to fp16"),
      new Setting("exclude", new Words(), List.of(), "node names to leave alone; * is any text, op:Conv every Conv"));

  @Override
  public String name() {
    return "half";
  }

  @Override
  public Settings.Schema settings() {
    return SETTINGS;
  }

  @Override
  public PassResult apply(Graph graph, PassContext context) {
    Settings settings = context.settings();
    WeightFormat format = WeightFormat.of(settings.word("format"));
    Patterns excluded = new Patterns(settings.words("exclude"));
    Map<String, String> figures = new LinkedHashMap<>();
    excluded.warn("exclude", NarrowConstants.allNodes(graph), figures);
    graph.model().setIrVersion(Math.max(graph.model().irVersion(), IrVersions.FIRST_WITH_FREE_INITIALIZERS));
    HalfPlan plan = new HalfPlan(format.dtype(true), settings.real("max_error"));
    plan.choose(NarrowConstants.allNodes(graph), excluded);
    if (context.calibration().count() > 0 && !plan.roundings().isEmpty()) {
      ShapeInference.of(graph).store();
      plan.judgeByOutputs(graph, context);
      figures.put("error of the outputs", mix(plan, graph, context));
    }
    OpsetLift.lift(graph.model(), plan.uses(DType.BFLOAT16) > 0 ? 13 : OpsetLift.OLDEST);
    Map<String, String> changed = new LinkedHashMap<>();
    plan.roundings().forEach((constant, rounding) -> store(constant, rounding, changed));
    return new PassResult(name(), summary(plan), changed, plan.skipped(), figures);
  }

  private static String mix(HalfPlan plan, Graph graph, PassContext context) {
    Settings settings = context.settings();
    return new Mixture(plan, new ModelErrors(graph, context), settings.real("max_output_error"))
        .choose(settings.real("fp16_share"));
  }

  private static String summary(HalfPlan plan) {
    long bf16 = plan.size(DType.BFLOAT16);
    String share = bf16 == 0 ? ""
        : " (%.0f %% of the numbers)".formatted(100.0 * bf16 / (bf16 + plan.size(DType.FLOAT16)));
    return "%d constants stored as fp16, %d as bf16%s, %d layers keep wide ones"
        .formatted(plan.uses(DType.FLOAT16), plan.uses(DType.BFLOAT16), share, plan.skipped().size());
  }

  private static void store(Value constant, HalfRounding rounding, Map<String, String> changed) {
    Value wide = NarrowConstants.cast(constant, rounding.values());
    String type = rounding.values().dtype() == DType.FLOAT16 ? "fp16" : "bf16";
    String what = String.format(Locale.ROOT, "%s, error %.2g %%", type, 100 * rounding.error());
    for (Use use : List.copyOf(constant.uses())) {
      if (use.node() != wide.producer()) {
        use.node().setInput(use.index(), wide);
        changed.merge(use.node().label(), what, (a, b) -> a + "; " + b);
      }
    }
    NarrowConstants.removeIfUnused(constant);
  }
}
