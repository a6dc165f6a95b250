package dev.dwindle.op;

import dev.dwindle.graph.Attribute;
import dev.dwindle.graph.Dim;
import dev.dwindle.graph.Value;
import dev.dwindle.graph.ValueType;
import dev.dwindle.quant.Conversion;
import dev.dwindle.quant.E8M0;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Cast, CastLike and BitCast between all numeric types; strings are refused. An infinite number saturates to the largest
 * of each FP8 type (ONNX's tables before version 28 say NaN for the FNUZ types, which its reference never did).
 */
final class CastOps {
  static final Operator CAST = new Cast("Cast");
  static final Operator CAST_LIKE = new Cast("CastLike");
  static final Operator BIT_CAST = new BitCast();

  private CastOps() {}

  /** The element type of this code, found in this attribute. */
  static DType type(Call call, String attribute, long code) {
    if (code < 1 || code > DType.values().length) {
      throw call.invalid(attribute + " is element type " + code + ", expected 1 to " + DType.values().length);
    }
    return DType.ofCode((int) code);
  }

  private static DType target(Call call) {
    return type(call, "to", call.integer("to"));
  }

  private static final class Cast implements Operator {
    private final String name;

    Cast(String name) {
      this.name = name;
    }

    private boolean isLike() { return name.equals("CastLike"); }

    @Override
    public String name() {
      return name;
    }

    @Override
    public int since() {
      return isLike() ? 15 : 6;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      return call.same(0, isLike() ? call.dtype(1) : target(call));
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      DType to = isLike() ? call.dtype(1) : target(call);
      boolean saturate = call.flag("saturate", true);
      Tensor x = call.required(0);
      if (to == DType.STRING || x.dtype() == DType.STRING) {
        throw call.invalid("casts " + x.dtype().text() + " to " + to.text() + ", expected numeric types");
      }
      return List.of(to == DType.FLOAT8E8M0 && x.dtype() != to ? Conversion.powers(x, rounding(call), saturate)
          : Conversion.cast(x, to, saturate));
    }

    private static E8M0.Rounding rounding(Call call) {
      String mode = call.text("round_mode", "up");
      return switch (mode) {
        case "up" -> E8M0.Rounding.UP;
        case "down" -> E8M0.Rounding.DOWN;
        case "nearest" -> E8M0.Rounding.NEAREST;
        default -> throw call.invalid("round_mode is '" + mode + "', expected up, down or nearest");
      };
    }

    @Override
    public List<Dim> content(Inference call) {
      DType to = isLike() ? call.dtype(1) : target(call);
      return to == DType.INT64 || to == DType.INT32 ? call.content(0) : null;
    }

    @Override
    public List<Value> decompose(Expansion call) {
      DType to = isLike() ? call.type(1).dtype() : null;
      if (to == null) {
        return null;
      }
      List<Attribute> attributes = new ArrayList<>(call.node().attributes());
      attributes.add(Attribute.of("to", to.code()));
      return List.of(call.op("Cast", attributes, call.input(0)));
    }
  }

  private static final class BitCast implements Operator {
    @Override
    public String name() {
      return "BitCast";
    }

    @Override
    public int since() {
      return 26;
    }

    @Override
    public List<ValueType> infer(Inference call) {
      if (call.dtype(0) != null) {
        requireWidth(call, call.dtype(0));
      }
      return call.same(0, target(call));
    }

    @Override
    public List<Tensor> evaluate(Evaluation call) {
      requireWidth(call, call.dtype(0));
      return List.of(Tensor.wrap(target(call), call.shape(0), call.input(0).segment()));
    }

    private static void requireWidth(Call call, DType from) {
      DType to = target(call);
      if (from == DType.STRING || from.bits() != to.bits()) {
        throw call.invalid("casts the bits of " + from.text() + " to " + to.text() + ", expected types of one width");
      }
    }
  }
}
