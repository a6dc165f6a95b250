package dev.dwindle.backend;

import dev.dwindle.result.IntegerArithmetic;
import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.InvalidInputException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a target supports and gains by, as data: passes read this and never ask which hardware they are on.
 *
 * @param name as users write it; of several targets at once, their names parted by commas
 * @param int8Operators operators that run faster between Q/DQ pairs than in floating point
 * @param int8Carriers operators of one input that pass integers on unchanged when equal Q/DQ pairs stand on both sides
 * @param int8Outputs operators that compute in integers only when their output is quantized too
 * @param int8Unasked operators whose FLOAT weights it quantizes by itself where they stand between Q/DQ pairs
 * @param dynamicProducts whether products with constant matrices gain when activations are quantized in each run
 * @param gainsSpeed whether integers are to make a model faster, so that what does not is rolled back; elsewhere they make it smaller only
 * @param activation type of quantized activations
 * @param symmetricActivations whether the activation zero point must be the middle of the range
 * @param perChannelWeights whether weights may have one scale for each output channel
 * @param weightBits bits of quantized weights, at most 8
 * @param sparseTensors whether it reads sparse initializers
 * @param maxOpset newest version of ONNX's operator set that the target reads
 * @param arithmetic what its integer units do; exact until a device was probed
 */
public record TargetProfile(
    String name,
    Set<String> int8Operators,
    Set<String> int8Carriers,
    Set<String> int8Outputs,
    Set<String> int8Unasked,
    boolean dynamicProducts,
    boolean gainsSpeed,
    DType activation,
    boolean symmetricActivations,
    boolean perChannelWeights,
    int weightBits,
    boolean sparseTensors,
    int maxOpset,
    IntegerArithmetic arithmetic) {
  private static final Set<String> MATRIX = Set.of("Conv", "MatMul", "Gemm");
  private static final Set<String> WIDE = Set.of("Conv", "MatMul", "Gemm", "Add", "AveragePool", "GlobalAveragePool");
  private static final Set<String> CARRIERS = Set.of("MaxPool", "Reshape", "Flatten", "Transpose", "Squeeze",
      "Unsqueeze");

  private static final Set<String> UNASKED = Set.of("Conv", "ConvTranspose", "Gemm");

  private static final List<TargetProfile> ALL = List.of(
      new TargetProfile("cpu", MATRIX, Set.of(), Set.of(), Set.of(), true, false, DType.UINT8, false, true, 8, true, 28,
          IntegerArithmetic.EXACT),
      new TargetProfile("onnxruntime", WIDE, CARRIERS, Set.of("Conv", "MatMul"), UNASKED, true, true, DType.UINT8,
          false, true, 8, true, 26, IntegerArithmetic.EXACT),
      new TargetProfile("openvino", WIDE, CARRIERS, Set.of("AveragePool", "GlobalAveragePool"), Set.of(), false, true,
          DType.UINT8, false, true, 8, false, 26,
          IntegerArithmetic.EXACT),
      new TargetProfile("tensorrt", WIDE, CARRIERS, Set.of(), Set.of(), false, true, DType.INT8, true, true, 8, false,
          23,
          IntegerArithmetic.EXACT),
      // That its products of integers are faster was not measured yet.
      new TargetProfile("cuda", MATRIX, Set.of(), Set.of(), Set.of(), false, false, DType.UINT8, false, true, 8, false,
          26, IntegerArithmetic.EXACT));

  /** The same target with the arithmetic that a probe found. */
  public TargetProfile withArithmetic(IntegerArithmetic other) {
    return new TargetProfile(name, int8Operators, int8Carriers, int8Outputs, int8Unasked, dynamicProducts, gainsSpeed,
        activation, symmetricActivations, perChannelWeights, weightBits, sparseTensors, maxOpset, other);
  }

  /** The profile of a target; a device such as {@code openvino:CPU} has the profile of its backend. */
  public static TargetProfile of(String device) {
    String backend = device.contains(":") ? device.substring(0, device.indexOf(':')) : device;
    for (TargetProfile profile : ALL) {
      if (profile.name.equalsIgnoreCase(backend)) {
        return profile;
      }
    }
    throw new InvalidInputException(
        "target '" + device + "': unknown, expected one of " + ALL.stream().map(TargetProfile::name).toList());
  }

  /**
   * The profile that suits all of these devices at once: it gains only by what all of them gain by, and heeds what any of them needs. Whether
   * speed is to be gained is asked of each device by itself; here it says whether any is to gain some.
   *
   * @param devices at least one
   */
  public static TargetProfile of(List<String> devices) {
    return devices.stream().map(TargetProfile::of).distinct().reduce(TargetProfile::and).orElseThrow();
  }

  /** Where types of activations differ, signed symmetric ones are what every target takes. */
  private TargetProfile and(TargetProfile other) {
    return new TargetProfile(name + "," + other.name, common(int8Operators, other.int8Operators),
        common(int8Carriers, other.int8Carriers), either(int8Outputs, other.int8Outputs),
        either(int8Unasked, other.int8Unasked), dynamicProducts && other.dynamicProducts,
        gainsSpeed || other.gainsSpeed, activation == other.activation ? activation : DType.INT8,
        symmetricActivations || other.symmetricActivations, perChannelWeights && other.perChannelWeights,
        Math.min(weightBits, other.weightBits), sparseTensors && other.sparseTensors,
        Math.min(maxOpset, other.maxOpset),
        arithmetic.and(other.arithmetic));
  }

  private static Set<String> common(Set<String> a, Set<String> b) {
    return a.stream().filter(b::contains).collect(Collectors.toUnmodifiableSet());
  }

  private static Set<String> either(Set<String> a, Set<String> b) {
    return Stream.concat(a.stream(), b.stream()).collect(Collectors.toUnmodifiableSet());
  }
}
