package dev.dwindle.pass.sparse;

import dev.dwindle.graph.Constant;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Value;
import dev.dwindle.pass.Pass;
import dev.dwindle.pass.PassContext;
import dev.dwindle.pass.Settings;
import dev.dwindle.pass.Settings.Real;
import dev.dwindle.pass.Settings.Setting;
import dev.dwindle.result.PassResult;
import dev.dwindle.rewrite.IrVersions;
import dev.dwindle.rewrite.SparseConstants;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Stores constants that are mostly zero as sparse tensors (ONNX IR, sparse_initializer): the elements that are not zero, each
 * with an INT64 that says where it stands. The numbers stay what they are. Runtimes make such tensors dense when they load
 * them, and some refuse them.
 */
public final class Sparse implements Pass {
  private static final int INDEX_BYTES = 8;

  /** Smaller tensors, such as shapes and pads, are left alone. */
  private static final int FEWEST_BYTES = 1024;

  private static final Settings.Schema SETTINGS = Settings.Schema.of(new Setting("saving", new Real(0, 1), 0.1,
      "the share of a tensor's bytes that must be saved; FLOAT saves some from two thirds of zeros on"));

  @Override
  public String name() {
    return "sparse";
  }

  @Override
  public Settings.Schema settings() {
    return SETTINGS;
  }

  @Override
  public PassResult apply(Graph graph, PassContext context) {
    Map<String, String> changed = new LinkedHashMap<>();
    Map<String, String> skipped = new LinkedHashMap<>();
    boolean read = context.target().sparseTensors();
    double most = 1 - context.settings().real("saving");
    long before = 0;
    long after = 0;
    for (Graph each : SparseConstants.graphs(graph).toList()) {
      for (Value value : each.constants()) {
        Tensor tensor = value.tensor();
        if (!mayBeSparse(value)) continue;
        long count = notZero(tensor);
        long bytes = count * (INDEX_BYTES + tensor.dtype().bits() / 8);
        if (count == 0 || bytes > most * tensor.byteSize()
            || tensor.byteSize() > Constant.mostDenseBytes(count * tensor.dtype().bits() / 8)) {
          continue;
        }
        if (!read) {
          skipped.put(value.name(), context.target().name() + " reads no sparse tensors");
          continue;
        }
        each.setConstant(value, Constant.sparse(tensor));
        before += tensor.byteSize();
        after += bytes;
        changed.put(value.name(), String.format(Locale.ROOT, "%,d of %,d elements stored, %,d bytes instead of %,d",
            count, tensor.size(), bytes, tensor.byteSize()));
      }
    }
    if (!changed.isEmpty()) {
      graph.model().setIrVersion(Math.max(graph.model().irVersion(), IrVersions.FIRST_WITH_SPARSE_INITIALIZERS));
    }
    String figure = String.format(Locale.ROOT, "%,d instead of %,d", after, before);
    return new PassResult(name(), changed.size() + " constants are stored as sparse tensors", changed, skipped,
        changed.isEmpty() ? Map.of() : Map.of("bytes", figure));
  }

  /** Inputs that may be set, and outputs, stay as readers expect them. */
  private static boolean mayBeSparse(Value value) {
    DType dtype = value.tensor().dtype();
    return !SparseConstants.isSparse(value) && dtype != DType.STRING && dtype.bits() >= 8
        && value.tensor().byteSize() >= FEWEST_BYTES
        && value.tensor().byteSize() <= Constant.mostDenseBytes(value.tensor().byteSize()) && !value.isGraphOutput()
        && !value.graph().inputs().contains(value);
  }

  private static long notZero(Tensor tensor) {
    byte[] bytes = tensor.bytes();
    int width = tensor.dtype().bits() / 8;
    long count = 0;
    for (int i = 0; i < bytes.length; i += width) {
      boolean zero = true;
      for (int b = i; b < i + width; b++) zero &= bytes[b] == 0;
      if (!zero) count++;
    }
    return count;
  }
}
