package dev.dwindle.catalog;

import dev.dwindle.backend.Availability;
import dev.dwindle.backend.Backend;
import dev.dwindle.backend.CompileOptions.Precision;
import dev.dwindle.backend.InPrecision;
import dev.dwindle.backend.Partitioned;
import dev.dwindle.backend.cpu.CpuBackend;
import dev.dwindle.backend.cuda.CudaBackend;
import dev.dwindle.backend.onnxruntime.OnnxRuntimeBackend;
import dev.dwindle.backend.openvino.OpenVinoBackend;
import dev.dwindle.tensor.DeviceUnavailableException;
import dev.dwindle.tensor.InvalidInputException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** All devices of this machine, by the names under which users ask for them. */
public final class Backends {
  /** One of several devices of a kind, as OpenVINO numbers them. */
  private static final Pattern OPENVINO = Pattern.compile("openvino:([a-z]+\\.\\d{1,3})", Pattern.CASE_INSENSITIVE);

  /** One of several GPUs, as NVIDIA's driver numbers them. */
  private static final Pattern CUDA = Pattern.compile("cuda:(\\d{1,3})", Pattern.CASE_INSENSITIVE);

  private Backends() {}

  /** Every backend that Dwindle knows, available or not. */
  public static List<Backend> all() {
    return List.of(
        new CpuBackend(), openVino("CPU"), openVino("GPU"), openVino("NPU"), cuda(0),
        new Partitioned(new OnnxRuntimeBackend(), new CpuBackend()));
  }

  private static Backend openVino(String device) {
    return new Partitioned(new OpenVinoBackend(device), new CpuBackend());
  }

  private static Backend cuda(int number) {
    return new Partitioned(new CudaBackend(number), new CpuBackend());
  }

  /** Begins in threads of their own what backends take long to load, and goes on at once. */
  public static void prepare() {
    CpuBackend.prepare();
  }

  public static List<String> names() {
    return all().stream().map(Backend::name).toList();
  }

  /**
   * The backend of this name, ready for use: in upper or lower case, with a number where there may be several such devices
   * ({@code openvino:GPU.0}, {@code cuda:1}), and with the precision to compute in where it is not FP32 ({@code openvino:CPU@bf16}).
   *
   * @throws DeviceUnavailableException where there is no such device here
   * @throws InvalidInputException where it does not compute in this precision
   */
  public static Backend open(String device) {
    int at = device.indexOf('@');
    Backend backend = named(at < 0 ? device : device.substring(0, at));
    Precision precision = at < 0 ? Precision.F32 : Precision.of("device '" + device + "'", device.substring(at + 1));
    if (backend.availability() instanceof Availability.No(String reason)) {
      throw new DeviceUnavailableException("device '" + backend.name() + "': " + reason);
    }
    if (!backend.precisions().contains(precision)) {
      throw new InvalidInputException("device '" + backend.name() + "': found precision " + precision.word()
          + ", expected what it computes in here: "
          + String.join(", ", backend.precisions().stream().map(Precision::word).toList()));
    }
    return precision == Precision.F32 ? backend : new InPrecision(backend, precision);
  }

  /** Whether devices of this name have memory of their own, which can be limited. */
  public static boolean hasMemoryLimit(String device) {
    return CUDA.matcher(device.replaceFirst("@.*", "")).matches();
  }

  /** Lets devices with memory of their own that are opened from now on give this process so many bytes at most. */
  public static void limitMemory(long bytes) {
    CudaBackend.limitMemory(bytes);
  }

  private static Backend named(String device) {
    Matcher gpu = CUDA.matcher(device);
    if (gpu.matches()) return cuda(Integer.parseInt(gpu.group(1)));
    Matcher numbered = OPENVINO.matcher(device);
    String kind = numbered.matches() ? device.substring(0, device.indexOf('.')) : device;
    for (Backend backend : all()) {
      if (backend.name().equalsIgnoreCase(kind)) {
        return numbered.matches() ? openVino(numbered.group(1).toUpperCase(Locale.ROOT)) : backend;
      }
    }
    throw new DeviceUnavailableException("device '" + device + "': unknown, expected one of " + names());
  }
}
