package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.TensorType;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** What RNN, GRU and LSTM share: runs a cell over every sequence of a batch, in every direction. */
final class Recurrence {
  private final Evaluation call;
  private final RecurrentAttributes attributes;
  private final int gates;
  private final int steps;
  private final int batch;
  private final int features;
  private final double[] x;
  private final double[] w;
  private final double[] r;
  private final double[] b;
  private final long[] lengths;

  /** A run of an operator with so many gates, whose inputs are X, W, R, B, sequence_lens, initial_h. */
  Recurrence(Evaluation call, int gates, List<String> defaults) {
    this.call = call;
    this.gates = gates;
    Shape xShape = call.shape(0);
    if (xShape.rank() != 3 || call.shape(1).rank() != 3 || call.shape(2).rank() != 3) {
      throw call.invalid("X, W, R have shapes " + xShape + ", " + call.shape(1) + ", " + call.shape(2)
          + ", expected three axes each");
    }
    this.attributes = RecurrentAttributes.of(call, call.shape(2).dim(2), defaults);
    this.steps = xShape.intDim(attributes.batchFirst() ? 1 : 0);
    this.batch = xShape.intDim(attributes.batchFirst() ? 0 : 1);
    this.features = xShape.intDim(2);
    int hidden = attributes.hidden();
    call.requireShape(1, attributes.directions(), (long) gates * hidden, features);
    call.requireShape(2, attributes.directions(), (long) gates * hidden, hidden);
    call.requireShape(3, attributes.directions(), 2L * gates * hidden);
    call.requireShape(4, batch);
    x = call.doubles(0);
    w = call.doubles(1);
    r = call.doubles(2);
    b = call.has(3) ? call.doubles(3) : new double[attributes.directions() * 2 * gates * hidden];
    lengths = call.has(4) ? call.longs(4) : null;
  }

  RecurrentAttributes attributes() {
    return attributes;
  }

  /** An activation's value of a clipped sum. */
  double activate(int direction, int index, double sum) {
    int perDirection = attributes.activations().size() / attributes.directions();
    return attributes.activations().get(direction * perDirection + index)
        .of(Math.clamp(sum, -attributes.clip(), attributes.clip()));
  }

  /** An activation's value of what is not clipped: the cell state of an LSTM, as in ONNX Runtime. */
  double unclipped(int direction, int index, double value) {
    return attributes.activations().get(direction * attributes.activations().size() / attributes.directions() + index)
        .of(value);
  }

  /** The recurrent bias of a gate's unit. */
  double recurrentBias(int direction, int gate, int unit) {
    return b[((direction * 2 + 1) * gates + gate) * attributes.hidden() + unit];
  }

  /** The hidden state's share of a gate's unit, without bias. */
  double recurrent(int direction, int gate, int unit, double[] h) {
    int row = ((direction * gates + gate) * attributes.hidden() + unit) * attributes.hidden();
    double sum = 0;
    for (int i = 0; i < h.length; i++) {
      sum += r[row + i] * h[i];
    }
    return sum;
  }

  /** Makes the cell of a direction. */
  interface Cells {
    RecurrentCell of(int direction);
  }

  /** The outputs Y, Y_h, and Y_c where there is an input of initial cell states (its index, or -1). */
  List<Tensor> run(Cells cells, int initialC) {
    int directions = attributes.directions();
    int hidden = attributes.hidden();
    double[] y = new double[steps * directions * batch * hidden];
    double[] lastH = initial(5);
    double[] lastC = initialC < 0 ? new double[0] : initial(initialC);
    for (int d = 0; d < directions; d++) {
      RecurrentCell cell = cells.of(d);
      for (int n = 0; n < batch; n++) {
        int state = attributes.batchFirst() ? (n * directions + d) * hidden : (d * batch + n) * hidden;
        double[] h = Arrays.copyOfRange(lastH, state, state + hidden);
        double[] c = initialC < 0 ? lastC : Arrays.copyOfRange(lastC, state, state + hidden);
        sequence(d, n, cell, h, c, y);
        System.arraycopy(h, 0, lastH, state, hidden);
        System.arraycopy(c, 0, lastC, initialC < 0 ? 0 : state, c.length);
      }
    }
    boolean first = attributes.batchFirst();
    Shape yShape = first ? Shape.of(batch, steps, directions, hidden) : Shape.of(steps, directions, batch, hidden);
    Shape state = first ? Shape.of(batch, directions, hidden) : Shape.of(directions, batch, hidden);
    Tensor all = Elements.ofDoubles(call.dtype(0), yShape, y);
    Tensor last = Elements.ofDoubles(call.dtype(0), state, lastH);
    return initialC < 0 ? List.of(all, last) : List.of(all, last, Elements.ofDoubles(call.dtype(0), state, lastC));
  }

  private void sequence(int d, int n, RecurrentCell cell, double[] h, double[] c, double[] y) {
    int hidden = attributes.hidden();
    int length = lengths == null ? steps : (int) lengths[n];
    if (length < 0 || length > steps) {
      throw call.invalid("sequence_lens has " + length + ", expected 0 to " + steps);
    }
    double[] shares = new double[gates * hidden];
    for (int i = 0; i < length; i++) {
      int t = attributes.reversed().get(d) ? length - 1 - i : i;
      inputShares(d, (attributes.batchFirst() ? n * steps + t : t * batch + n) * features, shares);
      cell.step(shares, h, c);
      int at = attributes.batchFirst() ? (n * steps + t) * attributes.directions() + d
          : (t * attributes.directions() + d) * batch + n;
      System.arraycopy(h, 0, y, at * hidden, hidden);
    }
  }

  private void inputShares(int direction, int from, double[] shares) {
    int row = direction * shares.length * features;
    for (int i = 0; i < shares.length; i++, row += features) {
      double sum = b[direction * 2 * shares.length + i];
      for (int k = 0; k < features; k++) {
        sum += w[row + k] * x[from + k];
      }
      shares[i] = sum;
    }
  }

  private double[] initial(int input) {
    int directions = attributes.directions();
    if (attributes.batchFirst()) {
      call.requireShape(input, batch, directions, attributes.hidden());
    } else {
      call.requireShape(input, directions, batch, attributes.hidden());
    }
    return call.has(input) ? call.doubles(input) : new double[directions * batch * attributes.hidden()];
  }

  /** The types of Y and of so many last states. */
  static List<ValueType> infer(Inference call, int states) {
    for (int input = 0; input < 3; input++) {
      call.requireRank(input, 3, 3);
    }
    Dim hidden = call.hasRank(2) ? call.tensor(2).dim(-1)
        : call.hasAttribute("hidden_size") ? Dim.of(call.integer("hidden_size")) : Dim.unknown();
    Dim directions = Dim.of(RecurrentAttributes.directions(call).size());
    boolean first = call.integer("layout", 0) == 1;
    Dim steps = call.hasRank(0) ? call.dims(0).get(first ? 1 : 0) : Dim.unknown();
    Dim batch = call.hasRank(0) ? call.dims(0).get(first ? 0 : 1) : Dim.unknown();
    List<Dim> y = first ? List.of(batch, steps, directions, hidden) : List.of(steps, directions, batch, hidden);
    TensorType state = new TensorType(call.dtype(0),
        first ? List.of(batch, directions, hidden) : List.of(directions, batch, hidden));
    return states == 1 ? List.of(new TensorType(call.dtype(0), y), state)
        : List.of(new TensorType(call.dtype(0), y), state, state);
  }
}
