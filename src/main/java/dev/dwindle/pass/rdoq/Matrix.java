package dev.dwindle.pass.rdoq;

import dev.dwindle.pass.Operand;
import dev.dwindle.tensor.Shape;

/**
 * Weights as a matrix of outputs by what each of them sums over.
 *
 * @param outputStep from one output to the next in memory, as {@code inputStep} is for inputs
 * @param places of a kernel, which stand side by side for each input channel; 1 where there is none
 * @param isSum whether outputs are sums over these inputs; if not, as in a table of rows, errors cannot make up for each other
 */
record Matrix(float[] numbers, int outputs, int inputs, int outputStep, int inputStep, Shape places, boolean isSum) {
  static Matrix of(Operand operand) {
    float[] numbers = operand.weight().tensor().floats();
    Shape shape = operand.weight().tensor().shape();
    boolean matrix = shape.rank() == 2 && (operand.node().is("MatMul") || operand.node().is("Gemm"));
    if (matrix && operand.reduced() == 0) {
      return new Matrix(numbers, shape.intDim(1), shape.intDim(0), 1, shape.intDim(1), Shape.SCALAR, true);
    }
    boolean sum = matrix || operand.isConvolution();
    int outputs = sum ? shape.intDim(0) : Math.toIntExact(shape.product(0, shape.rank() - 1));
    int inputs = numbers.length / outputs;
    return new Matrix(numbers, outputs, inputs, inputs, 1, operand.isConvolution() ? kernel(shape) : Shape.SCALAR, sum);
  }

  /** The same weights where none can make up for another: in the order of memory. */
  Matrix apart() {
    return new Matrix(numbers, numbers.length, 1, 1, 1, Shape.SCALAR, false);
  }

  private static Shape kernel(Shape shape) {
    long[] sizes = new long[shape.rank() - 2];
    for (int i = 0; i < sizes.length; i++) sizes[i] = shape.dim(i + 2);
    return Shape.of(sizes);
  }

  /** Where a weight stands. */
  int at(int output, int input) {
    return output * outputStep + input * inputStep;
  }
}
