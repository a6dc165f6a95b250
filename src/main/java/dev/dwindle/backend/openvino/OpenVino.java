package dev.dwindle.backend.openvino;

import static org.bytedeco.openvino.global.openvino_c.*;

import dev.dwindle.tensor.DType;
import dev.dwindle.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.SizeTPointer;
import org.bytedeco.openvino.ov_compiled_model_t;
import org.bytedeco.openvino.ov_core_t;
import org.bytedeco.openvino.ov_infer_request_t;
import org.bytedeco.openvino.ov_model_t;
import org.bytedeco.openvino.ov_output_const_port_t;
import org.bytedeco.openvino.ov_partial_shape_t;
import org.bytedeco.openvino.ov_profiling_info_list_t;
import org.bytedeco.openvino.ov_profiling_info_t;
import org.bytedeco.openvino.ov_property_t;
import org.bytedeco.openvino.ov_shape_t;
import org.bytedeco.openvino.ov_tensor_t;
import org.bytedeco.openvino.ov_version_t;

/** OpenVINO's C API in Java's own types: the only class that names JavaCPP's. Each failure carries what the library said. */
final class OpenVino {
  /** Lines of the library's words that say where it found an error, not which. */
  private static final Pattern FRAME = Pattern.compile("Exception from |FrontEnd API failed with |Model wasn't fully"
      + "|Summary:|Check 'false' failed|To facilitate the conversion|Conversion is failed for");

  /** The library of this process; null before it is first asked for. */
  private static OpenVino loaded;

  private final ov_core_t core = new ov_core_t();

  /** An output of a compiled model; the shape is null where it depends on the data. */
  record Port(DType dtype, Shape shape) {}

  /** An output after a run. */
  record Output(long address, Shape shape) {}

  /** A step that a request has run. */
  record Step(String name, String type, String kernel, long micros) {}

  /** A call that failed, with OpenVINO's words in one line. */
  static final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Failure(String message) {
      super(message);
    }
  }

  private OpenVino() {
    check("ov_core_create", ov_core_create(core));
  }

  /**
   * The library, loaded once for the process from where it is installed when it is first asked for.
   *
   * @throws dev.dwindle.tensor.DeviceUnavailableException where it is not there, or does not load
   * @throws Failure where it loads, but does not begin
   */
  static synchronized OpenVino load() {
    if (loaded == null) {
      OpenVinoRelease.WHEEL.load();
      loaded = new OpenVino();
    }
    return loaded;
  }

  /** The library's version and build. */
  String version() {
    try (PointerScope scope = new PointerScope()) {
      ov_version_t version = new ov_version_t();
      check("ov_get_openvino_version", ov_get_openvino_version(version));
      String build = version.buildNumber().getString();
      ov_version_free(version);
      return build;
    }
  }

  /** A property of a device, as text. */
  String property(String device, String key) {
    try (PointerScope scope = new PointerScope()) {
      BytePointer value = new BytePointer((Pointer) null);
      check("ov_core_get_property", ov_core_get_property(core, device, key, value));
      return taken(value);
    }
  }

  /** Compiles an ONNX model for a device. */
  Model compile(MemorySegment onnx, String device, Map<String, String> properties) {
    try (PointerScope scope = new PointerScope()) {
      ov_model_t model = new ov_model_t();
      check("ov_core_read_model_from_memory_buffer", ov_core_read_model_from_memory_buffer(core,
          new BytePointer(new Address(onnx)), onnx.byteSize(), null, model));
      try {
        ov_property_t pairs = new ov_property_t(properties.size());
        int count = 0;
        for (Map.Entry<String, String> property : properties.entrySet()) {
          pairs.getPointer(count++).key(new BytePointer(property.getKey())).value(new BytePointer(property.getValue()));
        }
        ov_compiled_model_t compiled = new ov_compiled_model_t();
        check("ov_core_compile_model_props",
            ov_core_compile_model_props(core, model, device, count, pairs, compiled));
        return new Model(this, device, compiled);
      } finally {
        ov_model_free(model);
      }
    }
  }

  /** A compiled model, shared by threads. */
  static final class Model implements AutoCloseable {
    private final OpenVino library;
    private final String device;
    private final ov_compiled_model_t compiled;
    private final List<Port> outputs = new ArrayList<>();

    private Model(OpenVino library, String device, ov_compiled_model_t compiled) {
      this.library = library;
      this.device = device;
      this.compiled = new ov_compiled_model_t(compiled);
      SizeTPointer size = new SizeTPointer(1);
      check("ov_compiled_model_outputs_size", ov_compiled_model_outputs_size(compiled, size));
      for (long i = 0; i < size.get(); i++) {
        ov_output_const_port_t port = new ov_output_const_port_t();
        check("ov_compiled_model_output_by_index", ov_compiled_model_output_by_index(compiled, i, port));
        outputs.add(port(port));
        ov_output_const_port_free(port);
      }
    }

    private static Port port(ov_output_const_port_t port) {
      int[] type = new int[1];
      check("ov_port_get_element_type", ov_port_get_element_type(port, type));
      ov_partial_shape_t partial = new ov_partial_shape_t();
      check("ov_port_get_partial_shape", ov_port_get_partial_shape(port, partial));
      boolean scalar = partial.rank().min() == 0 && partial.rank().max() == 0;
      boolean dynamic = ov_partial_shape_is_dynamic(partial);
      ov_partial_shape_free(partial);
      // Of a scalar the library says that its shape is not known.
      if (scalar || dynamic) return new Port(dtype(type[0]), scalar ? Shape.SCALAR : null);
      ov_shape_t known = new ov_shape_t();
      check("ov_const_port_get_shape", ov_const_port_get_shape(port, known));
      return new Port(dtype(type[0]), shape(known));
    }

    /** The place of each of these inputs among the model's; -1 where nothing reads it and it is gone. */
    Map<String, Integer> inputs(List<String> names) {
      SizeTPointer size = new SizeTPointer(1);
      check("ov_compiled_model_inputs_size", ov_compiled_model_inputs_size(compiled, size));
      Map<String, Integer> places = new LinkedHashMap<>();
      int next = 0;
      for (String name : names) {
        // A name alone does not tell: it goes to another value where a node between two is left out.
        places.put(name, size.get() == names.size() || hasInput(name) ? next++ : -1);
      }
      if (next != size.get()) throw new Failure("found " + size.get() + " inputs, expected " + places);
      return places;
    }

    private boolean hasInput(String name) {
      ov_output_const_port_t port = new ov_output_const_port_t();
      if (ov_compiled_model_input_by_name(compiled, name, port) != OK) return false;
      ov_output_const_port_free(port);
      return true;
    }

    List<Port> outputs() {
      return outputs;
    }

    /** What a failure of this model means: that the device is out of memory, is gone, or neither. */
    RuntimeException fault(Failure failure) {
      return Fault.of(library, device, failure);
    }

    /** New buffers to run in; they live on without this model. */
    Request request() {
      ov_infer_request_t request = new ov_infer_request_t();
      check("ov_compiled_model_create_infer_request", ov_compiled_model_create_infer_request(compiled, request));
      return new Request(request);
    }

    @Override
    public void close() {
      ov_compiled_model_free(compiled);
    }
  }

  /** One request in flight, used by one thread at a time. */
  static final class Request implements AutoCloseable {
    private final ov_infer_request_t request;
    /** Outputs whose memory is in sight: where the shape depends on the data, it belongs to the tensor. */
    private final Map<Integer, ov_tensor_t> held = new HashMap<>();

    private Request(ov_infer_request_t request) {
      this.request = request;
    }

    /** Reads an input from this memory from now on; it must outlive the request. */
    void input(long index, DType dtype, Shape shape, MemorySegment memory) {
      ov_tensor_t tensor = tensor(dtype, shape, memory);
      check("ov_infer_request_set_input_tensor_by_index",
          ov_infer_request_set_input_tensor_by_index(request, index, tensor));
      ov_tensor_free(tensor);
    }

    void run() {
      check("ov_infer_request_infer", ov_infer_request_infer(request));
    }

    /** Where an output lies after a run, until it is asked for again; its shape where the port does not say it. */
    Output output(int index, Port port) {
      try (PointerScope scope = new PointerScope()) {
        ov_tensor_t tensor = new ov_tensor_t();
        check("ov_infer_request_get_output_tensor_by_index",
            ov_infer_request_get_output_tensor_by_index(request, index, tensor));
        ov_tensor_t before = held.put(index, new ov_tensor_t(tensor));
        if (before != null) ov_tensor_free(before);
        Pointer data = new Pointer();
        check("ov_tensor_data", ov_tensor_data(tensor, data));
        return new Output(data.address(), port.shape == null ? shape(tensor) : port.shape);
      }
    }

    private static Shape shape(ov_tensor_t tensor) {
      ov_shape_t shape = new ov_shape_t();
      check("ov_tensor_get_shape", ov_tensor_get_shape(tensor, shape));
      return OpenVino.shape(shape);
    }

    /** The steps of the last run, in order; what was fused into others or left out is not among them. */
    List<Step> steps() {
      try (PointerScope scope = new PointerScope()) {
        ov_profiling_info_list_t list = new ov_profiling_info_list_t();
        check("ov_infer_request_get_profiling_info", ov_infer_request_get_profiling_info(request, list));
        List<Step> steps = new ArrayList<>();
        for (long i = 0; i < list.size(); i++) {
          ov_profiling_info_t info = list.profiling_infos().getPointer(i);
          // The status, an enum without a name that JavaCPP leaves out, is the first field.
          int status = MemorySegment.ofAddress(info.address()).reinterpret(Integer.BYTES).get(ValueLayout.JAVA_INT, 0);
          if (status == ov_profiling_info_t.EXECUTED) {
            steps.add(new Step(info.node_name().getString(), info.node_type().getString(),
                info.exec_type().getString(), info.real_time()));
          }
        }
        ov_profiling_info_list_free(list);
        return steps;
      }
    }

    @Override
    public void close() {
      held.values().forEach(tensor -> ov_tensor_free(tensor));
      held.clear();
      ov_infer_request_free(request);
    }
  }

  /** Memory of ours, as JavaCPP names it. */
  private static final class Address extends Pointer {
    Address(MemorySegment memory) {
      address = memory.address();
      limit = memory.byteSize();
      capacity = memory.byteSize();
    }
  }

  private static ov_tensor_t tensor(DType dtype, Shape shape, MemorySegment memory) {
    try (PointerScope scope = new PointerScope()) {
      ov_shape_t dims = new ov_shape_t();
      // The library makes no shape of rank 0, but takes one.
      if (shape.rank() == 0) dims.rank(0).dims(null);
      else
        check("ov_shape_create", ov_shape_create(shape.rank(), new LongPointer(shape.dims()), dims));
      ov_tensor_t tensor = new ov_tensor_t();
      int status = ov_tensor_create_from_host_ptr(code(dtype), dims, new Address(memory), tensor);
      ov_shape_free(dims);
      check("ov_tensor_create_from_host_ptr", status);
      return tensor;
    }
  }

  private static Shape shape(ov_shape_t shape) {
    long[] dims = new long[(int) shape.rank()];
    if (dims.length > 0) shape.dims().get(dims);
    ov_shape_free(shape);
    return Shape.of(dims);
  }

  /** A text that the library made, which is given back to it. */
  private static String taken(BytePointer text) {
    String value = text.getString();
    ov_free(text);
    return value;
  }

  /** OpenVINO's code of an element type; null where it has none. */
  private static Integer codeOrNull(DType dtype) {
    return switch (dtype) {
      case FLOAT -> F32;
      case DOUBLE -> F64;
      case FLOAT16 -> F16;
      case BFLOAT16 -> BF16;
      case BOOL -> BOOLEAN;
      case INT8 -> I8;
      case INT16 -> I16;
      case INT32 -> I32;
      case INT64 -> I64;
      case UINT8 -> U8;
      case UINT16 -> U16;
      case UINT32 -> U32;
      case UINT64 -> U64;
      case INT4 -> I4;
      case UINT4 -> U4;
      case FLOAT8E4M3FN -> F8E4M3;
      case FLOAT8E5M2 -> F8E5M3;
      default -> null;
    };
  }

  /** Whether OpenVINO has an element type. */
  static boolean has(DType dtype) {
    return codeOrNull(dtype) != null;
  }

  private static int code(DType dtype) {
    return codeOrNull(dtype);
  }

  private static DType dtype(int code) {
    for (DType dtype : DType.values()) {
      if (has(dtype) && code(dtype) == code) return dtype;
    }
    throw new Failure("found element type " + code + ", which ONNX does not have");
  }

  private static void check(String call, int status) {
    if (status != OK) throw new Failure(call + ": " + message(status));
  }

  /** What the library last said of a failure: one text for the process, which stays after later successes. */
  private static synchronized String message(int status) {
    BytePointer text = ov_get_last_err_msg();
    String words = text == null || text.isNull() ? "" : taken(text);
    List<String> lines = words.lines().map(line -> line.strip().replaceFirst("^-- ", ""))
        .filter(line -> !line.isEmpty() && !FRAME.matcher(line).lookingAt()).distinct().toList();
    return lines.isEmpty() ? "status " + status + " " + words.strip() : String.join("; ", lines);
  }
}
