package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.List;

/** Operators that make the tables of signal processing: windows and mel filters. */
final class SignalTables {
  private SignalTables() {}

  private static DType dtype(Call call) {
    return DType.ofCode(call.int32("output_datatype", DType.FLOAT.code()));
  }

  private static Dim size(List<Dim> content) {
    return content == null || content.isEmpty() ? Dim.unknown() : content.getFirst();
  }

  /** A window that is a sum of cosines: {@code a0 - a1 cos(x) + a2 cos(2x)}. */
  record Window(String name, double a0, double a1, double a2) implements Operator {
    @Override
    public int since() {
      return 17;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      return Inference.one(dtype(call), List.of(size(call.content(0))));
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      long size = call.scalarLong(0);
      double period = call.flag("periodic", true) ? size : size - 1;
      double[] window = new double[Shape.of(size).intSize()];
      for (int i = 0; i < window.length; i++) {
        double angle = 2 * Math.PI * i / period;
        window[i] = a0 - a1 * Math.cos(angle) + a2 * Math.cos(2 * angle);
      }
      return List.of(Numbers.tensor(dtype(call), Shape.of(size), window));
    }
  }

  /** MelWeightMatrix: triangles over the bins of a spectrum, evenly spaced on the mel scale. */
  static final class MelWeightMatrix implements Operator {
    @Override
    public String name() {
      return "MelWeightMatrix";
    }

    @Override
    public int since() {
      return 17;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      Dim bins = size(call.content(1)).floorDiv(Dim.of(2)).plus(Dim.of(1));
      return Inference.one(dtype(call), List.of(bins, size(call.content(0))));
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      int bands = call.fitted("num_mel_bins", call.scalarLong(0));
      long length = call.scalarLong(1);
      int bins = call.fitted("dft_length", length) / 2 + 1;
      long rate = call.scalarLong(2);
      if (bands < 1 || length < 1 || rate < 1 || call.scalarDouble(3) > call.scalarDouble(4)) {
        throw call.invalid("found " + bands + " bands, length " + length + ", rate " + rate + " and edges "
            + call.scalarDouble(3) + " and " + call.scalarDouble(4) + ", expected positive sizes and rising edges");
      }
      Shape.of(bins, bands + 2L).intSize();
      double low = mel(call.scalarDouble(3));
      double high = mel(call.scalarDouble(4));
      int[] edges = new int[bands + 2];
      for (int i = 0; i < edges.length; i++) {
        double hertz = 700 * (Math.pow(10, (low + i * (high - low) / edges.length) / 2595) - 1);
        edges[i] = (int) Math.floor((length + 1) * hertz / rate);
      }
      if (edges[0] < 0 || edges[bands + 1] > bins) {
        throw call.invalid("edges lie at bins " + edges[0] + " to " + edges[bands + 1] + ", expected 0 to " + bins);
      }
      double[] weights = new double[bins * bands];
      for (int band = 0; band < bands; band++) {
        int left = edges[band];
        int peak = edges[band + 1];
        int right = edges[band + 2];
        for (int bin = left; bin <= Math.min(peak, bins - 1); bin++) {
          weights[bin * bands + band] = left == peak ? 1 : (double) (bin - left) / (peak - left);
        }
        for (int bin = peak; bin < right; bin++) {
          weights[bin * bands + band] = (double) (right - bin) / (right - peak);
        }
      }
      return List.of(Numbers.tensor(dtype(call), Shape.of(bins, bands), weights));
    }

    private static double mel(double hertz) {
      return 2595 * Math.log10(1 + hertz / 700);
    }
  }
}
