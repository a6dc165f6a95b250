package dev.dwindle.op;

import java.util.Set;

/**
 * The attributes of Resize with the defaults of the version in force; Upsample and Resize-10 know only {@code mode}.
 *
 * @param mode nearest, linear or cubic
 * @param coordinates the {@code coordinate_transformation_mode}
 * @param nearest the {@code nearest_mode}; {@code simple} is what Upsample and Resize-10 do, of which ONNX says nothing:
 *          as ONNX Runtime does, up when an axis shrinks, else down
 * @param policy the {@code keep_aspect_ratio_policy}
 * @param axes the axes that scales and sizes are about, or null for all
 */
public record ResizeAttributes(String mode, String coordinates, String nearest, String policy, long[] axes,
    float cubicCoefficient, float extrapolation, boolean excludeOutside, boolean antialias) {

  public static ResizeAttributes of(Call call) {
    boolean old = call.version() < 11 || call.node().is("Upsample");
    String mode = call.text("mode", "nearest");
    String coordinates = old ? "asymmetric" : call.text("coordinate_transformation_mode", "half_pixel");
    String nearest = old ? "simple" : call.text("nearest_mode", "round_prefer_floor");
    String policy = call.text("keep_aspect_ratio_policy", "stretch");
    require(call, "mode", mode, Set.of("nearest", "linear", "cubic"));
    require(call, "coordinate_transformation_mode", coordinates, Set.of("half_pixel", "half_pixel_symmetric",
        "pytorch_half_pixel", "align_corners", "asymmetric", "tf_crop_and_resize", "tf_half_pixel_for_nn"));
    if (!old) {
      require(call, "nearest_mode", nearest, Set.of("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"));
    }
    require(call, "keep_aspect_ratio_policy", policy, Set.of("stretch", "not_larger", "not_smaller"));
    return new ResizeAttributes(mode, coordinates, nearest, policy, call.integers("axes", (long[]) null),
        call.real("cubic_coeff_a", -0.75f), call.real("extrapolation_value", 0), call.flag("exclude_outside", false),
        call.flag("antialias", false));
  }

  /** Whether only a region of the input is resized. */
  public boolean crops() {
    return coordinates.equals("tf_crop_and_resize");
  }

  private static void require(Call call, String attribute, String found, Set<String> known) {
    if (!known.contains(found)) {
      throw call.invalid(attribute + " is '" + found + "', expected one of " + known.stream().sorted().toList());
    }
  }
}
