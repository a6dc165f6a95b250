package dev.dwindle.backend.openvino;

import dev.dwindle.backend.Availability;
import dev.dwindle.backend.Backend;
import dev.dwindle.backend.CompileOptions;
import dev.dwindle.backend.CompileOptions.Precision;
import dev.dwindle.backend.DeviceInfo;
import dev.dwindle.backend.Executable;
import dev.dwindle.backend.Support;
import dev.dwindle.graph.Graph;
import dev.dwindle.graph.Model;
import dev.dwindle.graph.Node;
import dev.dwindle.rewrite.Inlining;
import dev.dwindle.tensor.DeviceUnavailableException;
import dev.dwindle.tensor.InvalidInputException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A device of Intel's OpenVINO, such as {@code openvino:CPU}: nothing of it is loaded before the device is asked for. */
public final class OpenVinoBackend implements Backend {
  private final String device;
  private final Refusals refusals;

  /** The device that OpenVINO itself calls by this name. */
  public OpenVinoBackend(String device) {
    this.device = device;
    refusals = Refusals.of(device);
  }

  @Override
  public String name() {
    return "openvino:" + device;
  }

  @Override
  public Availability availability() {
    try {
      String reason = Library.missing();
      if (reason == null) reason = Devices.missing(Library.load(), device);
      return reason == null ? new Availability.Yes() : new Availability.No(reason);
    } catch (DeviceUnavailableException e) {
      return new Availability.No(e.getMessage());
    }
  }

  @Override
  public DeviceInfo device() {
    return Devices.info(Library.load(), name(), device);
  }

  @Override
  public List<Precision> precisions() {
    return Devices.precisions(Library.load(), device);
  }

  @Override
  public Support supports(Node node) {
    Support known = Operators.supports(node);
    String reason = known.isYes() ? refusals.reason(node) : null;
    return reason == null ? known : Support.no(reason);
  }

  /** Compiles a graph; where a node is refused that would be refused alone, {@link #supports} is a No from then on for nodes like it. */
  @Override
  public Executable compile(Graph graph, CompileOptions options) {
    OpenVino library = Library.load();
    Model model = graph.model().copy();
    Inlining.inline(model);
    Map<String, String> properties = properties(options);
    return new OpenVinoExecutable(options,
        new Compilation<>(name(), model.graph(), options.precision().name(), refusals,
            onnx -> compile(library, onnx, properties), OpenVino.Model::close));
  }

  private OpenVino.Model compile(OpenVino library, MemorySegment onnx, Map<String, String> properties) {
    try {
      return library.compile(onnx, device, properties);
    } catch (OpenVino.Failure failure) {
      throw Fault.of(library, device, failure);
    }
  }

  /** One stream: requests in flight take turns on all threads. The precision is always said, for the default may be BF16. */
  private static Map<String, String> properties(CompileOptions options) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("INFERENCE_PRECISION_HINT", switch (options.precision()) {
      case F32 -> "f32";
      case BF16 -> "bf16";
      case F16 -> "f16";
      case TF32 -> throw new InvalidInputException("precision tf32: no device of OpenVINO computes in it");
    });
    properties.put("NUM_STREAMS", "1");
    if (options.threads() > 0) properties.put("INFERENCE_NUM_THREADS", Integer.toString(options.threads()));
    if (options.profile()) properties.put("PERF_COUNT", "YES");
    return properties;
  }

  @Override
  public void close() {
    // holds nothing: the library stays with the process
  }
}
