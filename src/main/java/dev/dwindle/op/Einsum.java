package dev.dwindle.op;

import dev.dwindle.graph.Dim;
import dev.dwindle.graph.ValueType;
import dev.dwindle.tensor.Shape;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Einsum: sums of products over labelled axes, in one loop over all labels. */
final class Einsum implements Operator {
  @Override
  public String name() {
    return "Einsum";
  }

  @Override
  public int since() {
    return 12;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    int[] ranks = new int[call.inputCount()];
    for (int i = 0; i < ranks.length; i++) {
      if (!call.hasRank(i)) {
        return Inference.one(call.dtype(0), (List<Dim>) null);
      }
      ranks[i] = call.dims(i).size();
    }
    EinsumEquation equation = EinsumEquation.of(call, ranks);
    List<Dim> dims = new ArrayList<>();
    for (char label : equation.output().toCharArray()) {
      Dim found = Dim.of(1);
      for (int i = 0; i < ranks.length; i++) {
        int axis = equation.operands().get(i).indexOf(label);
        found = axis < 0 || call.dims(i).get(axis).is(1) || found.isKnown() && !found.is(1) ? found
            : call.dims(i).get(axis);
      }
      dims.add(found);
    }
    return Inference.one(call.dtype(0), dims);
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    int count = call.inputCount();
    int[] ranks = new int[count];
    double[][] x = new double[count][];
    for (int i = 0; i < count; i++) {
      ranks[i] = call.shape(i).rank();
      x[i] = call.doubles(i);
    }
    EinsumEquation equation = EinsumEquation.of(call, ranks);
    String labels = equation.output() + equation.summed();
    int[] sizes = sizes(call, equation, labels);
    int[][] steps = new int[count][];
    for (int i = 0; i < count; i++) {
      steps[i] = steps(equation.operands().get(i), call.shape(i), labels);
    }
    int kept = equation.output().length();
    long[] dims = new long[kept];
    int inner = 1;
    for (int i = 0; i < sizes.length; i++) {
      if (i < kept) {
        dims[i] = sizes[i];
      } else {
        inner *= sizes[i];
      }
    }
    Shape shape = Shape.of(dims);
    return List.of(Numbers.tensor(call.dtype(0), shape, sums(x, steps, sizes, new double[shape.intSize()], inner)));
  }

  /** Fills {@code y} with sums of {@code inner} products each, the labels counting up as an odometer. */
  private static double[] sums(double[][] x, int[][] steps, int[] sizes, double[] y, int inner) {
    int[] index = new int[sizes.length];
    int[] at = new int[x.length];
    for (int o = 0; o < y.length; o++) {
      for (int k = 0; k < inner; k++) {
        double product = 1;
        for (int i = 0; i < x.length; i++) {
          product *= x[i][at[i]];
        }
        y[o] += product;
        advance(index, sizes, at, steps);
      }
    }
    return y;
  }

  private static void advance(int[] index, int[] sizes, int[] at, int[][] steps) {
    for (int axis = sizes.length - 1; axis >= 0; axis--) {
      boolean carry = ++index[axis] == sizes[axis];
      for (int i = 0; i < at.length; i++) {
        at[i] += carry ? -steps[i][axis] * (sizes[axis] - 1) : steps[i][axis];
      }
      if (!carry) {
        return;
      }
      index[axis] = 0;
    }
  }

  private static int[] sizes(Evaluation call, EinsumEquation equation, String labels) {
    int[] sizes = new int[labels.length()];
    Arrays.fill(sizes, 1);
    for (int i = 0; i < call.inputCount(); i++) {
      String term = equation.operands().get(i);
      for (int axis = 0; axis < term.length(); axis++) {
        int label = labels.indexOf(term.charAt(axis));
        int size = call.shape(i).intDim(axis);
        if (size != 1 && sizes[label] != 1 && size != sizes[label]) {
          throw call.invalid("label '" + term.charAt(axis) + "' has sizes " + sizes[label] + " and " + size
              + ", expected equal ones");
        }
        sizes[label] = size == 1 ? sizes[label] : size;
      }
    }
    return sizes;
  }

  /** How far an operand's element moves when a label counts up; a repeated label moves along the diagonal. */
  private static int[] steps(String term, Shape shape, String labels) {
    int[] steps = new int[labels.length()];
    long[] strides = shape.strides();
    for (int axis = 0; axis < term.length(); axis++) {
      steps[labels.indexOf(term.charAt(axis))] += shape.dim(axis) == 1 ? 0 : (int) strides[axis];
    }
    return steps;
  }
}
