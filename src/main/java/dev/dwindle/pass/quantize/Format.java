package dev.dwindle.pass.quantize;

import dev.dwindle.backend.TargetProfile;
import dev.dwindle.calibrate.Range;
import dev.dwindle.pass.Settings;
import dev.dwindle.quant.Affine;
import dev.dwindle.tensor.DType;

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
      case "uint8" -> DType.UINT8;
      case "int8" -> DType.INT8;
      default -> target.activation();
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

  /** As the report says it. */
  String weights() {
    return perChannel ? "INT8 per channel" : "INT8 per tensor";
  }
}
