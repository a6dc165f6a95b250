package dev.dwindle.backend.cuda;

import dev.dwindle.backend.NodeTime;
import dev.dwindle.backend.Request;
import dev.dwindle.graph.TensorType;
import dev.dwindle.tensor.InvalidInputException;
import dev.dwindle.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A plan tied to memory of its own on the device: all launches with their addresses, ready to run again and again. */
final class CudaRequest implements Request {
  private static final long ALIGNMENT = 16;

  private final String name;
  private final Device device;
  private final Plan plan;
  private final CudaExecutable executable;
  private final Arena arena = Arena.ofShared();
  private final long memory;
  private final List<Launch> launches;
  /** Constants that are brought anew for each run; null where all stay on the device. */
  private final Streaming streaming;
  private final Batch batch;
  private long[] nanos = {};
  private Map<String, Tensor> outputs = Map.of();

  /**
   * Takes memory for a plan.
   *
   * @param streamed whether large constants have no place of their own on the device, but are brought before each step that reads them
   * @throws dev.dwindle.tensor.DeviceMemoryException where there is not enough; nothing is left allocated then
   */
  CudaRequest(String name, Device device, Plan plan, CudaExecutable executable, boolean streamed) {
    this.name = name;
    this.device = device;
    this.plan = plan;
    this.executable = executable;
    streaming = streamed ? new Streaming(device, plan, executable.constants()) : null;
    device.ready(plan.steps().stream().map(Step::kernel));
    memory = device.allocate(bytes());
    try {
      forgetTrouble();
      if (streamed) streaming.liesAt(memory + plan.bytes());
      List<Launch> bound = new ArrayList<>();
      for (int i = 0; i < plan.steps().size(); i++) bound.add(launch(i, plan.steps().get(i)));
      launches = List.copyOf(bound);
      batch = streamed ? streaming.batch(launches) : device.prepare(launches);
    } catch (RuntimeException e) {
      // Constants found no room.
      arena.close();
      device.free(memory);
      throw e;
    }
  }

  private Launch launch(int number, Step step) {
    List<MemorySegment> words = new ArrayList<>();
    for (Arguments.Argument argument : step.arguments()) words.add(switch (argument) {
      case Arguments.Argument.At at -> arena.allocateFrom(ValueLayout.JAVA_LONG, address(number, at.place()));
      case Arguments.Argument.Word word -> arena.allocate(word.bytes().length, ALIGNMENT)
          .copyFrom(MemorySegment.ofArray(word.bytes()));
    });
    MemorySegment pointers = arena.allocate(ValueLayout.ADDRESS, words.size());
    for (int i = 0; i < words.size(); i++) pointers.setAtIndex(ValueLayout.ADDRESS, i, words.get(i));
    return new Launch(step.kernel(), step.grid(), pointers);
  }

  private long address(int step, Place place) {
    return switch (place) {
      case Place.Planned planned -> address(planned);
      case Place.Fixed constant when streaming != null && streaming.brings(constant.tensor()) -> streaming.address(step,
          constant.tensor());
      case Place.Fixed constant -> executable.constants().address(constant.tensor());
    };
  }

  private long address(Place.Planned place) {
    return memory + place.extent().start();
  }

  @Override
  public void set(String input, Tensor value) {
    long to = address((Place.Planned) plan.inputs().get(input).place());
    if (value.deviceBuffer() instanceof OnDevice there && there.gpu() == device) {
      device.copy(there.address(), to, there.bytes());
    } else {
      device.copyIn(value.segment(), to);
    }
  }

  @Override
  public Tensor input(String input) {
    return tensor(plan.inputs().get(input));
  }

  private Tensor tensor(Plan.Slot slot) {
    if (slot.place() instanceof Place.Fixed constant) return constant.tensor();
    TensorType type = slot.type();
    long bytes = type.dtype().bytes(type.shape().size());
    return Tensor.onDevice(type.dtype(), type.shape(),
        new OnDevice(name, device, address((Place.Planned) slot.place()), bytes));
  }

  @Override
  public void run() {
    outputs = Map.of();
    if (!executable.isProfiled()) batch.run();
    else
      nanos = streaming == null ? device.time(launches) : streaming.time(launches);
    device.await();
    requireNoTrouble();
  }

  private void forgetTrouble() {
    if (plan.trouble() != null) {
      device.copyIn(MemorySegment.ofArray(new byte[Plan.TROUBLE_BYTES]), address(plan.trouble()));
    }
  }

  /** Tells what a kernel has found wrong with its input. */
  private void requireNoTrouble() {
    if (plan.trouble() == null) return;
    long[] told = new long[2];
    device.copyOut(address(plan.trouble()), MemorySegment.ofArray(told));
    if (told[0] == 0) return;
    forgetTrouble();
    Step step = plan.steps().get((int) told[0] - 1);
    throw new InvalidInputException(name + ": node '" + step.nodes().getFirst() + "': found index " + told[1]
        + ", expected one within the axis");
  }

  @Override
  public Map<String, Tensor> outputs() {
    if (outputs.isEmpty()) {
      Map<String, Tensor> views = new LinkedHashMap<>();
      plan.outputs().forEach((output, slot) -> views.put(output, tensor(slot)));
      outputs = Collections.unmodifiableMap(views);
    }
    return outputs;
  }

  @Override
  public List<NodeTime> profile() {
    List<NodeTime> times = new ArrayList<>();
    for (int i = 0; i < nanos.length; i++) {
      Step step = plan.steps().get(i);
      NodeTime before = times.isEmpty() ? null : times.getLast();
      if (before != null && before.nodes().equals(step.nodes())) {
        // Launches of the same nodes are one step.
        times.set(times.size() - 1,
            new NodeTime(before.nodes(), before.kernel() + " + " + step.kernel().name(), before.nanos() + nanos[i]));
      } else {
        times.add(new NodeTime(step.nodes(), step.kernel().name(), nanos[i]));
      }
    }
    return times;
  }

  @Override
  public long bytes() {
    return plan.bytes() + (streaming == null ? 0 : streaming.bytes());
  }

  @Override
  public void close() {
    try {
      batch.close();
      device.free(memory);
    } finally {
      arena.close();
      executable.release();
    }
  }
}
