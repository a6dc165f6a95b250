package dev.dwindle.pass.weights;

import dev.dwindle.calibrate.LayerMoments;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.NarrowConstants;
import dev.dwindle.pass.Operand;
import dev.dwindle.pass.weights.Selection.Choice;
import dev.dwindle.quant.BlockLayout;
import dev.dwindle.quant.HalfRounding;
import dev.dwindle.quant.StoredWeights;
import dev.dwindle.quant.WeightEncoder;
import dev.dwindle.quant.WeightFormat;
import dev.dwindle.result.PassResult;
import dev.dwindle.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Stores the chosen weights in the graph, each constant once for all layers that read it alike, and tells of it. */
final class WeightStore implements AutoCloseable {
  private record Key(Value weight, WeightFormat format, BlockLayout layout) {}

  /** What layers read in place of a weight, or why they go on reading it. */
  private record Stored(Value value, String what, String refusal) {}

  private final boolean clip;
  private final LayerMoments moments;
  private final WeightEncoder encoder;
  private final Map<Key, Stored> stored = new HashMap<>();
  private final Map<String, String> changed = new LinkedHashMap<>();
  private final Map<String, String> refused = new LinkedHashMap<>();
  private long elements;
  private long bytes;

  /** @param moments by which weights make up for each other's errors, where they are known */
  WeightStore(boolean clip, LayerMoments moments, int threads) {
    this.clip = clip;
    this.moments = moments;
    this.encoder = new WeightEncoder(threads);
  }

  @Override
  public void close() {
    encoder.close();
  }

  /** Lets a layer read its weights as chosen. */
  void put(Choice choice) {
    Operand operand = choice.operand();
    Value weight = operand.weight();
    Stored made = stored.computeIfAbsent(new Key(weight, choice.format(), choice.layout()), k -> store(choice));
    String label = operand.node().label();
    if (made.refusal() != null) {
      refused.put(label, made.refusal());
      return;
    }
    operand.node().setInput(operand.index(), made.value());
    changed.merge(label, made.what(), (a, b) -> a + "; " + b);
    NarrowConstants.removeIfUnused(weight);
  }

  private Stored store(Choice choice) {
    return choice.format().isPlain() ? plain(choice) : blocks(choice);
  }

  private Stored plain(Choice choice) {
    Value weight = choice.operand().weight();
    HalfRounding rounding = HalfRounding.of(weight.tensor(), choice.format().dtype(true),
        choice.operand().isConvolution());
    if (rounding.overflow() > 0) {
      return new Stored(null, null,
          "a weight of " + rounding.overflow() + " is beyond the range of " + choice.format().word());
    }
    count(weight.tensor(), rounding.values());
    return new Stored(NarrowConstants.cast(weight, rounding.values()), choice.format().word(), null);
  }

  private Stored blocks(Choice choice) {
    Value weight = choice.operand().weight();
    boolean search = clip && choice.format() == WeightFormat.INT4;
    StoredWeights made = encoder.encode(weight.tensor(), new WeightEncoder.Form(choice.layout(),
        choice.format().dtype(choice.symmetric()), search, choice.operand().isConvolution()),
        moments.inputsOf(weight, null));
    if (Double.isNaN(made.sqnr())) {
      return new Stored(null, null, "a weight is not finite");
    }
    count(weight.tensor(), made.values(), made.scales());
    if (made.zeroPoints() != null) bytes += made.zeroPoints().byteSize();
    int block = choice.layout().blockSize();
    String what = String.format(Locale.ROOT, "%s %s, SQNR %.1f dB", choice.format().word(),
        block == 0 ? "per channel" : "in blocks of " + block, made.sqnr());
    return new Stored(NarrowConstants.dequantize(weight, made), what, null);
  }

  private void count(Tensor before, Tensor... after) {
    elements += before.size();
    for (Tensor tensor : after) {
      bytes += tensor.byteSize();
    }
  }

  /** What was done, as a pass tells it. */
  PassResult result(String pass, Map<String, String> skipped, Map<String, String> figures) {
    Map<String, String> all = new LinkedHashMap<>(skipped);
    all.putAll(refused);
    if (elements > 0) {
      figures.put("bits per weight", String.format(Locale.ROOT, "%.2f", 8.0 * bytes / elements));
    }
    String summary = "weights of " + changed.size() + " of " + (changed.size() + all.size()) + " layers stored";
    return new PassResult(pass, summary, changed, all, figures);
  }
}
