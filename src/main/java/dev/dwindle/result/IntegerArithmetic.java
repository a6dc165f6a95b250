package dev.dwindle.result;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a device's arithmetic was found to do, by running graphs of a few numbers.
 *
 * @param sums how products of 8-bit integers are added up, by the layers that were probed
 * @param rounding how quantizing rounds halves: {@code to even}, {@code up}, {@code down}, or {@code unknown}
 * @param accumulator how long sums grow, such as {@code 32 bits, wraps}
 * @param denormals whether numbers below FLOAT's normal range survive
 */
public record IntegerArithmetic(Map<Layer, Sums> sums, String rounding, String accumulator, boolean denormals) {
  /** Layers whose sums may be formed in another way. */
  public enum Layer {
    CONV("Conv"), GROUPED_CONV("grouped Conv"), DEPTHWISE_CONV("depthwise Conv"), MATMUL("MatMul");

    private final String text;

    Layer(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  /** How products are added up. */
  public enum Sums {
    /** Without loss. */
    EXACT("exact"),
    /** Two neighbouring channels in 16 bits, saturated, the pairs in 32. */
    CHANNEL_PAIRS("pairs of channels saturate at 16 bits"),
    /** Two neighbouring taps in 16 bits, saturated, the pairs in 32. */
    TAP_PAIRS("pairs of taps saturate at 16 bits"),
    /** With a loss of another kind. */
    OTHER("wrong in another way"),
    /** The device does not run the layer. */
    UNKNOWN("unknown");

    private final String text;

    Sums(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }

    /** Whether weights of seven bits cannot saturate where those of eight can. */
    public boolean saturates() {
      return this == CHANNEL_PAIRS || this == TAP_PAIRS;
    }
  }

  public IntegerArithmetic {
    sums = Map.copyOf(sums);
  }

  /** What the specification says. */
  public static final IntegerArithmetic EXACT = new IntegerArithmetic(Map.of(), "to even", "32 bits, wraps", true);

  /** How a layer's products are added up; exact where that was not probed. */
  public Sums of(Layer layer) {
    return sums.getOrDefault(layer, Sums.EXACT);
  }

  /** What to expect where a model is to be right on both of two devices: the sums of the one that saturates, or else of the one that is not exact. */
  public IntegerArithmetic and(IntegerArithmetic other) {
    Map<Layer, Sums> worst = new EnumMap<>(Layer.class);
    for (Layer layer : Layer.values()) {
      boolean others = !of(layer).saturates() && (other.of(layer).saturates() || of(layer) == Sums.EXACT);
      worst.put(layer, others ? other.of(layer) : of(layer));
    }
    return new IntegerArithmetic(worst, rounding.equals(EXACT.rounding) ? other.rounding : rounding,
        accumulator.equals(EXACT.accumulator) ? other.accumulator : accumulator, denormals && other.denormals);
  }

  /** Whether some layer saturates. */
  public boolean saturates() {
    return sums.values().stream().anyMatch(Sums::saturates);
  }

  /** How sums are formed, in a line. */
  public String text() {
    Map<Sums, List<String>> layers = new LinkedHashMap<>();
    for (Layer layer : Layer.values()) layers.computeIfAbsent(of(layer), s -> new ArrayList<>()).add(layer.text());
    List<String> told = new ArrayList<>();
    layers.forEach((how, which) -> told
        .add(how.text() + (layers.size() == 1 ? "" : " (" + String.join(", ", which) + ")")));
    return String.join("; ", told);
  }

  /** All of it, as a device's facts show it. */
  public Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("8-bit sums", text());
    facts.put("accumulator", accumulator);
    facts.put("halves", "round " + rounding);
    facts.put("denormals", denormals ? "kept" : "flushed to zero");
    return facts;
  }
}
