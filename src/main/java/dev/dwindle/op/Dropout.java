package dev.dwindle.op;

import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Conversion;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Dropout: the input itself, with a mask of all ones. Dropping at random is refused: a mask comes in as an input of the
 * graph that trains.
 */
final class Dropout implements Operator {
  /** From here on ratio and mode are inputs. */
  private static final int MODE_AS_INPUT = 12;

  @Override
  public String name() {
    return "Dropout";
  }

  @Override
  public int since() {
    return 7;
  }

  @Override
  public List<ValueType> infer(Inference call) {
    return List.of(call.tensor(0), call.tensor(0).with(maskType(call, call.dtype(0))));
  }

  /** Version 7 gave the mask the type of the data. */
  private static DType maskType(Call call, DType data) {
    return call.version() < 10 ? data : DType.BOOL;
  }

  @Override
  public List<Tensor> evaluate(Evaluation call) {
    boolean training = call.version() >= MODE_AS_INPUT && call.has(2) && call.scalarLong(2) != 0;
    if (training && !(call.has(1) && call.scalarFloat(1) == 0)) {
      throw call.invalid("training_mode is true, expected false; dropping at random is not supported");
    }
    DType type = maskType(call, call.dtype(0));
    float[] ones = new float[call.shape(0).intSize()];
    Arrays.fill(ones, 1);
    return List.of(call.input(0), Conversion.cast(Tensor.of(call.shape(0), ones), type, true));
  }
}
