package dev.dwindle.backend.cuda;

import static org.bytedeco.nvrtc.global.nvrtc.*;

import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.SizeTPointer;
import org.bytedeco.nvrtc._nvrtcProgram;

/** NVIDIA's compiler of CUDA in Java's own types: the only class here that names JavaCPP's. It needs no GPU and no driver. */
final class Nvrtc implements Cubins.Compiler {
  /** The compiler of this process; null before it is first asked for. */
  private static Nvrtc loaded;

  private Nvrtc() {}

  /**
   * The compiler, loaded once for the process from where it is installed when it is first asked for.
   *
   * @throws dev.dwindle.tensor.DeviceUnavailableException where it is not there, or does not load
   */
  static synchronized Nvrtc load() {
    if (loaded == null) {
      NvrtcRelease.WHEEL.load();
      loaded = new Nvrtc();
    }
    return loaded;
  }

  /**
   * Compiles for the GPU that the options name; several threads may.
   *
   * @throws IllegalStateException with the compiler's log
   */
  @Override
  public byte[] compile(KernelSource source, List<String> options) {
    try (PointerScope scope = new PointerScope()) {
      _nvrtcProgram program = new _nvrtcProgram();
      String[] names = source.headers().keySet().toArray(String[]::new);
      String[] texts = source.headers().values().toArray(String[]::new);
      check(source, "nvrtcCreateProgram", nvrtcCreateProgram(program, new BytePointer(source.text()),
          new BytePointer(source.file()), names.length, strings(texts), strings(names)), "");
      try {
        int code = nvrtcCompileProgram(program, options.size(), strings(options.toArray(String[]::new)));
        check(source, "nvrtcCompileProgram", code, code == NVRTC_SUCCESS ? "" : ":\n" + log(source, program));
        SizeTPointer size = new SizeTPointer(1);
        check(source, "nvrtcGetCUBINSize", nvrtcGetCUBINSize(program, size), "");
        byte[] cubin = new byte[Math.toIntExact(size.get())];
        check(source, "nvrtcGetCUBIN", nvrtcGetCUBIN(program, cubin), "");
        return cubin;
      } finally {
        nvrtcDestroyProgram(program);
      }
    }
  }

  private static String log(KernelSource source, _nvrtcProgram program) {
    SizeTPointer size = new SizeTPointer(1);
    check(source, "nvrtcGetProgramLogSize", nvrtcGetProgramLogSize(program, size), "");
    BytePointer log = new BytePointer(size.get() + 1);
    check(source, "nvrtcGetProgramLog", nvrtcGetProgramLog(program, log), "");
    return log.getString().strip();
  }

  private static PointerPointer<BytePointer> strings(String... texts) {
    return new PointerPointer<>(texts);
  }

  private static void check(KernelSource source, String call, int code, String log) {
    if (code == NVRTC_SUCCESS) return;
    throw new IllegalStateException(
        source.file() + ": " + call + ": " + nvrtcGetErrorString(code).getString() + log);
  }
}
