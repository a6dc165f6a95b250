package dev.dwindle.pass.share;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Node;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.Operand;
import dev.dwindle.pass.Settings;
import dev.dwindle.quant.Codebook;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The weights of a layer as places in codebooks.
 *
 * @param shape of the weights
 * @param axis of the channels that have codebooks of their own; -1 where there is one codebook for all
 * @param places in the order of the weights
 * @param sqnr of the shared values beside the weights, in decibels
 */
record SharedWeights(Shape shape, int axis, List<Codebook> codebooks, byte[] places, double sqnr) {
  /** About what the names and types of constants and nodes take in a file. */
  private static final int OVERHEAD_BYTES = 300;

  static SharedWeights of(Operand operand, Settings settings) {
    Tensor tensor = operand.weight().tensor();
    Shape shape = tensor.shape();
    float[] values = tensor.floats();
    int axis = settings.word("per").equals("tensor") ? -1 : channels(operand);
    int channels = axis < 0 ? 1 : shape.intDim(axis);
    int inner = axis < 0 ? values.length : Math.toIntExact(shape.product(axis + 1, shape.rank()));
    Codebook.Method method = Codebook.Method.valueOf(settings.word("method").toUpperCase(Locale.ROOT));
    boolean apart = settings.word("zeros").equals("apart");
    List<Codebook> codebooks = new ArrayList<>();
    byte[] places = new byte[values.length];
    double signal = 0;
    double noise = 0;
    for (int channel = 0; channel < channels; channel++) {
      float[] own = channels == 1 ? values : gathered(values, channel, channels, inner);
      Codebook codebook = Codebook.of(own, (int) settings.whole("entries"), method, apart);
      byte[] found = codebook.indices(own);
      float[] shared = codebook.values(found);
      for (int i = 0; i < own.length; i++) {
        signal += (double) own[i] * own[i];
        noise += ((double) own[i] - shared[i]) * ((double) own[i] - shared[i]);
        places[index(i, channel, channels, inner)] = found[i];
      }
      codebooks.add(codebook);
    }
    return new SharedWeights(shape, axis, codebooks, places, 10 * Math.log10(signal / noise));
  }

  /** The axis that counts outputs; -1 where one codebook is for all. */
  private static int channels(Operand operand) {
    if (operand.isConvolution()) return 0;
    boolean matrix = operand.weight().tensor().shape().rank() == 2 && !operand.node().is("Gather");
    return matrix ? 1 - operand.reduced() : -1;
  }

  private static int index(int i, int channel, int channels, int inner) {
    return (i / inner * channels + channel) * inner + i % inner;
  }

  private static float[] gathered(float[] values, int channel, int channels, int inner) {
    float[] own = new float[values.length / channels];
    for (int i = 0; i < own.length; i++) own[i] = values[index(i, channel, channels, inner)];
    return own;
  }

  /** The longest codebook's bits of a place. */
  private int bits() {
    return codebooks.stream().mapToInt(Codebook::bits).max().orElse(4);
  }

  /** The lowest operator set that can say it. */
  int opset() {
    return bits() == 4 ? 21 : 13;
  }

  private int entries() {
    return codebooks.stream().mapToInt(codebook -> codebook.entries().length).max().orElse(0);
  }

  /** About what this takes in a file. */
  long bytes() {
    return OVERHEAD_BYTES + (long) places.length * bits() / 8 + (long) Float.BYTES * codebooks.size() * entries();
  }

  String words() {
    return entries() + " values " + (axis < 0 ? "" : "per channel ") + "in " + bits() + " bits, "
        + (Double.isInfinite(sqnr) || Double.isNaN(sqnr) ? "equal" : String.format(Locale.ROOT, "SQNR %.1f dB", sqnr));
  }

  /** The shared values in the place of the weights. */
  Tensor tensor() {
    float[] values = new float[places.length];
    int inner = axis < 0 ? values.length : Math.toIntExact(shape.product(axis + 1, shape.rank()));
    for (int i = 0; i < values.length; i++) {
      values[i] = codebooks.get(i / inner % codebooks.size()).entries()[Byte.toUnsignedInt(places[i])];
    }
    return Tensor.of(shape, values);
  }

  /**
   * The weights as a graph computes them: one codebook {@code [entries]} looked up by Gather, or those of channels {@code [channels, entries]} by GatherElements along
   * rows of {@code [channels, weights]}.
   */
  Value gathered(Value weight) {
    Graph graph = weight.graph();
    Node first = graph.nodes().getFirst();
    DType stored = bits() == 4 ? DType.UINT4 : DType.UINT8;
    boolean rows = axis >= 0;
    int length = rows ? places.length / codebooks.size() : 0;
    byte[] inRows = rows ? rows() : places;
    Shape placesShape = rows ? Shape.of(codebooks.size(), length) : shape;
    Value constant = graph.addConstant(weight.name() + "_places",
        Tensor.of(stored, placesShape, stored == DType.UINT4 ? packed(inRows) : inRows));
    Value places32 = graph.node("Cast").in(constant).attribute(Attribute.of("to", DType.INT32.code()))
        .out(weight.name() + "_index", TensorType.of(DType.INT32, placesShape)).before(first).output();
    Value codebook = graph.addConstant(weight.name() + "_codebook", codebook());
    Value found = graph.node(rows ? "GatherElements" : "Gather").in(codebook, places32)
        .attribute(Attribute.of("axis", rows ? 1 : 0))
        .out(weight.name() + "_shared", TensorType.of(DType.FLOAT, placesShape)).before(first).output();
    if (!rows) return found;
    Shape channelsFirst = axis == 0 ? shape : Shape.of(shape.dim(axis), shape.dim(0));
    Value reshaped = graph.node("Reshape")
        .in(found, graph.addConstant(weight.name() + "_shape", Tensor.of(Shape.of(shape.rank()), channelsFirst.dims())))
        .out(weight.name() + "_shared", TensorType.of(DType.FLOAT, channelsFirst)).before(first).output();
    return axis == 0 ? reshaped
        : graph.node("Transpose").in(reshaped).attribute(Attribute.of("perm", new long[] {1, 0}))
            .out(weight.name() + "_shared", TensorType.of(DType.FLOAT, shape)).before(first).output();
  }

  /** Places in the order of channels. */
  private byte[] rows() {
    if (axis == 0) return places;
    int channels = codebooks.size();
    byte[] rows = new byte[places.length];
    for (int i = 0; i < rows.length; i++) rows[i % channels * (rows.length / channels) + i / channels] = places[i];
    return rows;
  }

  private Tensor codebook() {
    if (axis < 0) return Tensor.of(Shape.of(codebooks.getFirst().entries().length), codebooks.getFirst().entries());
    float[] all = new float[codebooks.size() * entries()];
    for (int i = 0; i < codebooks.size(); i++) {
      float[] own = codebooks.get(i).entries();
      Arrays.fill(all, i * entries(), (i + 1) * entries(), own[own.length - 1]);
      System.arraycopy(own, 0, all, i * entries(), own.length);
    }
    return Tensor.of(Shape.of(codebooks.size(), entries()), all);
  }

  private static byte[] packed(byte[] places) {
    byte[] packed = new byte[(places.length + 1) / 2];
    for (int i = 0; i < places.length; i++) packed[i / 2] |= (byte) (places[i] << 4 * (i % 2));
    return packed;
  }
}
