package org.bytedeco.nvrtc.presets;

import java.util.List;
import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.Info;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/** How JavaCPP maps the C API of NVRTC 13.1, NVIDIA's compiler of CUDA that runs in this process: what compiles a program to a cubin. */
@Properties(
    value = @Platform(value = "linux", include = "nvrtc.h", link = "nvrtc@.13"),
    target = "org.bytedeco.nvrtc",
    global = "org.bytedeco.nvrtc.global.nvrtc")
public class nvrtc implements InfoMapper {
  /** The version, other results than cubins, names of templates, headers compiled before, and callbacks: nothing here asks for them. */
  private static final List<String> UNUSED = List.of("nvrtcVersion", "nvrtcGetNumSupportedArchs", "nvrtcGetSupportedArchs",
      "nvrtcGetPTXSize", "nvrtcGetPTX", "nvrtcGetLTOIRSize", "nvrtcGetLTOIR", "nvrtcGetOptiXIRSize", "nvrtcGetOptiXIR",
      "nvrtcAddNameExpression", "nvrtcGetLoweredName", "nvrtcGetPCHHeapSize", "nvrtcSetPCHHeapSize",
      "nvrtcGetPCHCreateStatus", "nvrtcGetPCHHeapSizeRequired", "nvrtcSetFlowCallback", "nvrtcGetTypeName");

  @Override
  public void map(InfoMap infos) {
    // Names a pointer, which JavaCPP would take for a struct.
    infos.put(new Info("nvrtcProgram").valueTypes("_nvrtcProgram").pointerTypes("@ByPtrPtr _nvrtcProgram"));
    UNUSED.forEach(name -> infos.put(new Info(name).skip()));
  }
}
