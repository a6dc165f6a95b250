package org.bytedeco.openvino.presets;

import java.util.List;
import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.Info;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/** How JavaCPP maps the C API of OpenVINO 2026.4.1: its headers in the order in which they need each other. */
@Properties(
    value = @Platform(
        value = "linux",
        include = {"openvino/c/ov_common.h", "openvino/c/ov_shape.h", "openvino/c/ov_dimension.h",
            "openvino/c/ov_rank.h", "openvino/c/ov_partial_shape.h", "openvino/c/ov_layout.h", "openvino/c/ov_node.h",
            "openvino/c/ov_tensor.h", "openvino/c/ov_property.h", "openvino/c/auto/properties.h",
            "openvino/c/ov_model.h", "openvino/c/ov_remote_context.h", "openvino/c/ov_infer_request.h",
            "openvino/c/ov_compiled_model.h", "openvino/c/ov_core.h", "openvino/c/ov_prepostprocess.h",
            "openvino/c/ov_util.h"},
        link = "openvino_c@.2641"),
    target = "org.bytedeco.openvino",
    global = "org.bytedeco.openvino.global.openvino_c")
public class openvino_c implements InfoMapper {
  /** Take a variable number of arguments, which JavaCPP would leave out of the call; each has a twin that takes an array. */
  private static final List<String> VARIADIC = List.of("ov_core_compile_model", "ov_core_compile_model_from_file",
      "ov_core_set_property", "ov_core_create_context", "ov_core_compile_model_with_context",
      "ov_compiled_model_set_property");

  @Override
  public void map(InfoMap infos) {
    for (String macro : List.of("OPENVINO_C_API", "OPENVINO_C_VAR")) {
      infos.put(new Info(macro).cppTypes().annotations().cppText("#define " + macro + "(...) __VA_ARGS__"));
    }
    infos.put(new Info("OPENVINO_C_API_EXTERN", "OV_NODISCARD", "OPENVINO_C_API_CALLBACK").cppTypes().annotations());
    infos.put(new Info("OPENVINO_ENABLE_UNICODE_PATH_SUPPORT").define(false));
    VARIADIC.forEach(name -> infos.put(new Info(name).skip()));
  }
}
