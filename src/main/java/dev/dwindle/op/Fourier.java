package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Elements;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Fourier transforms of signals whose last axis holds the real part, or the real and the imaginary part. */
final class Fourier {
  private Fourier() {}

  /** DFT: along one axis, forward or inverse, whole or only the half that real signals need. */
  static final class Dft implements Operator {
    @Override
    public String name() {
      return "DFT";
    }

    @Override
    public int since() {
      return 17;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      long[] given = call.version() < 20 ? new long[] {call.integer("axis", 1)} : call.integers(2);
      if (!call.hasRank(0)) {
        return call.same(0);
      }
      int rank = call.tensor(0).rank();
      if (given == null && call.has(2)) {
        return Inference.one(call.dtype(0), Inference.unknownDims(rank));
      }
      int axis = call.axis(given == null || given.length == 0 ? -2 : given[0], rank);
      boolean half = call.flag("onesided", false);
      boolean inverse = call.flag("inverse", false);
      List<Dim> dims = new ArrayList<>(call.dims(0));
      Dim length = dims.get(axis);
      if (call.has(1)) {
        length = first(call.content(1));
      } else if (half && inverse) {
        length = length.minus(Dim.of(1)).times(Dim.of(2));
      }
      dims.set(axis, half && !inverse ? length.floorDiv(Dim.of(2)).plus(Dim.of(1)) : length);
      dims.set(rank - 1, Dim.of(half && inverse ? 1 : 2));
      return Inference.one(call.dtype(0), dims);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Shape shape = call.shape(0);
      int last = shape.rank() - 1;
      int axis = call.axis(
          call.version() < 20 ? call.integer("axis", 1) : call.has(2) ? call.scalarLong(2) : -2, shape.rank());
      boolean half = call.flag("onesided", false);
      boolean inverse = call.flag("inverse", false);
      int parts = parts(call, shape);
      if (axis == last || (half && parts != (inverse ? 2 : 1))) {
        throw call.invalid("found axis " + axis + " of " + shape + ", expected another than the last, and a "
            + (inverse ? "complex" : "real") + " signal where onesided");
      }
      int given = shape.intDim(axis);
      int length = (int) (call.has(1) ? call.scalarLong(1) : half && inverse ? 2L * (given - 1) : given);
      if (length < 1) {
        throw call.invalid("dft_length is " + length + ", expected 1 or more");
      }
      Shape result = shape.with(axis, half && !inverse ? length / 2 + 1 : length).with(last, half && inverse ? 1 : 2);
      int inner = (int) shape.product(axis + 1, last);
      Lanes from = new Lanes(call.doubles(0), given, inner, parts);
      Lanes to = new Lanes(new double[result.intSize()], result.intDim(axis), inner, result.intDim(last));
      FourierSeries series = new FourierSeries(length);
      for (int lane = 0; lane < shape.product(0, axis) * inner; lane++) {
        double[] re = new double[length];
        double[] im = new double[length];
        from.read(lane, re, im, half && inverse ? length / 2 + 1 : length);
        for (int k = length / 2 + 1; half && inverse && k < length; k++) {
          re[k] = re[length - k];
          im[k] = -im[length - k];
        }
        series.transform(re, im, inverse);
        to.write(lane, re, im);
      }
      return List.of(Elements.ofDoubles(call.dtype(0), result, to.values));
    }
  }

  /** Complex or real numbers along one axis, for each place on the others. */
  private record Lanes(double[] values, int count, int inner, int parts) {
    private int at(int lane, int k) {
      return ((lane / inner * count + k) * inner + lane % inner) * parts;
    }

    void read(int lane, double[] re, double[] im, int most) {
      for (int k = 0; k < Math.min(count, most); k++) {
        re[k] = values[at(lane, k)];
        im[k] = parts == 2 ? values[at(lane, k) + 1] : 0;
      }
    }

    void write(int lane, double[] re, double[] im) {
      for (int k = 0; k < count; k++) {
        values[at(lane, k)] = re[k];
        if (parts == 2) {
          values[at(lane, k) + 1] = im[k];
        }
      }
    }
  }

  private static Dim first(List<Dim> content) {
    return content == null || content.isEmpty() ? Dim.unknown() : content.getFirst();
  }

  private static int parts(Call call, Shape shape) {
    if (shape.rank() < 2 || shape.dim(-1) < 1 || shape.dim(-1) > 2) {
      throw call.invalid("signal has shape " + shape + ", expected a last axis of 1 (real) or 2 (complex)");
    }
    return shape.intDim(-1);
  }

  /** STFT: the DFT of windowed frames of a signal, one after the other by a step. */
  static final class Stft implements Operator {
    @Override
    public String name() {
      return "STFT";
    }

    @Override
    public int since() {
      return 17;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      List<Dim> dims = Inference.unknownDims(4);
      dims.set(3, Dim.of(2));
      if (call.hasRank(0) && call.tensor(0).rank() == 3) {
        dims.set(0, call.dims(0).getFirst());
        Dim length = length(call);
        Dim step = first(call.content(1));
        boolean real = call.tensor(0).dim(2).is(1);
        if (call.flag("onesided", true) && real) {
          dims.set(2, length.floorDiv(Dim.of(2)).plus(Dim.of(1)));
        } else if (!call.flag("onesided", true)) {
          dims.set(2, length);
        }
        if (!step.is(0)) {
          Dim frames = call.dims(0).get(1).minus(length).floorDiv(step).plus(Dim.of(1));
          dims.set(1, frames.isKnown() ? Dim.of(Math.max(0, frames.size())) : frames);
        }
      }
      return Inference.one(call.dtype(0), dims);
    }

    private static Dim length(Inference call) {
      if (call.has(3)) {
        return first(call.content(3));
      }
      if (call.has(2)) {
        return call.hasRank(2) ? call.tensor(2).dim(0) : Dim.unknown();
      }
      return call.dims(0).get(1);
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      Shape shape = call.shape(0);
      int parts = parts(call, shape);
      int step = (int) call.scalarLong(1);
      int signal = shape.intDim(1);
      int length = call.has(3) ? (int) call.scalarLong(3) : call.has(2) ? call.shape(2).intDim(0) : signal;
      double[] window = call.has(2) ? call.doubles(2) : null;
      if (shape.rank() != 3 || step < 1 || length < 1 || (window != null && window.length != length)) {
        throw call.invalid("found signal " + shape + ", step " + step + " and frame length " + length
            + ", expected 3 axes, and a window (if any) as long as the frame");
      }
      int frames = Math.max(0, Math.floorDiv(signal - length, step) + 1);
      int bins = call.flag("onesided", true) && parts == 1 ? length / 2 + 1 : length;
      double[] x = call.doubles(0);
      double[] y = new double[shape.intDim(0) * frames * bins * 2];
      FourierSeries series = new FourierSeries(length);
      int next = 0;
      for (int frame = 0; frame < shape.dim(0) * frames; frame++) {
        double[] re = new double[length];
        double[] im = new double[length];
        int start = frame / frames * signal + frame % frames * step;
        for (int k = 0; k < length; k++) {
          double weight = window == null ? 1 : window[k];
          re[k] = weight * x[(start + k) * parts];
          im[k] = parts == 2 ? weight * x[(start + k) * 2 + 1] : 0;
        }
        series.transform(re, im, false);
        for (int k = 0; k < bins; k++) {
          y[next++] = re[k];
          y[next++] = im[k];
        }
      }
      return List.of(Elements.ofDoubles(call.dtype(0), Shape.of(shape.dim(0), frames, bins, 2), y));
    }
  }
}
