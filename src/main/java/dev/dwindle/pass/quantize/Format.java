package dev.dwindle.pass.quantize;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.calibrate.Range;
import dev.dwindle.pass.Settings;
import dev.dwindle.quant.Affine;
import dev.dwindle.tensor.DType;
import java.util.Locale;

/**
 * How numbers are stored: what the recipe says, and where it leaves that to the target, what the target takes.
 *
 * @param perChannel whether weights have one scale for each output channel
 * @param weightBits bits of weights
 * @param activation type of activations
 * @param symmetric whether activation ranges are symmetric about zero
 */
record Format(boolean perChannel, int weightBits, DType activation, boolean symmetric) {
  /** The word that leaves a setting to the target. */
  static final String TARGET = "target";

  static Format of(Settings settings, TargetProfile target) {
    String weights = settings.word("weights");
    String bits = settings.word("weight_bits");
    String symmetric = settings.word("symmetric");
    DType activation = switch (settings.word("activations")) {
      case TARGET -> target.activation();
      default -> DType.valueOf(settings.word("activations").toUpperCase(Locale.ROOT));
    };
    return new Format(
        weights.equals(TARGET) ? target.perChannelWeights() : weights.equals("per_channel"),
        bits.equals(TARGET) ? target.weightBits() : Integer.parseInt(bits), activation,
        symmetric.equals(TARGET) ? target.symmetricActivations() : symmetric.equals("true"));
  }

  /** The quantization of an activation that covers a range. */
  Affine covering(Range range) {
    return Affine.covering(range.min(), range.max(), activation, symmetric);
  }

  /** The version of ONNX's operator set that has these types. */
  int opset() {
    return activation.bits() < 8 ? 21 : perChannel ? 13 : 10;
  }

  /** The type in which weights of so many bits are stored: integer units of 8 bits take no narrower ones beside their activations. */
  DType stored(int bits) {
    return activation.bits() < 8 && bits <= 4 ? DType.INT4 : DType.INT8;
  }

  /** As the report says it. */
  String weights() {
    return stored(weightBits).name() + (perChannel ? " per channel" : " per tensor");
  }

  /** What layers become, as the report says it. */
  String name() {
    return activation.bits() < 8 ? "int4" : "int8";
  }
}
