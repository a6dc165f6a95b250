package dev.dwindle.data;

import dev.dwindle.tensor.Tensor;
import java.util.Set;

/** How one input of the model is made from a row. */
interface InputRule {
  /** The input of one run. */
  Tensor make(Row row);

  /** The fields of the row that this reads. */
  Set<String> fields();
}
