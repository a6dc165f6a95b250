package dev.dwindle.backend.cuda;

import dev.dwindle.backend.DeviceInfo;
import dev.dwindle.tensor.DeviceMemoryException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/**
 * A GPU through NVIDIA's driver. All is asked for in one stream, so that it is done in that order, but for copies beside it, which have another. Asking is done by one
 * thread at a time; waiting lets others ask.
 */
final class DriverDevice implements Device {
  private static final int NOT_WITH_THE_DEFAULT_STREAM = 1;
  private static final int WITHOUT_TIME = 2;
  private static final int FOR_ALL_CONTEXTS = 1;
  private static final int MARKS = 4;

  private final String name;
  private final Gpu gpu;
  private final Driver driver;
  private final int number;
  private final MemorySegment word = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG);
  private final long context;
  private final long stream;
  /** In which copies run beside others. */
  private final long side;
  /** In which launches are recorded, and nothing runs. */
  private final long recorder;
  private final long sideDone;
  private final long[] marks = new long[MARKS];
  private long marked;
  private final Pool pool;
  private final Modules modules;
  /** Null where cuBLASLt is not installed. */
  private final Blas blas;
  private final Staging staging;
  /** Whether the GPU went away: what it held went with it, and giving that back says nothing more. */
  private volatile boolean lost;
  /** Events without a time that nobody waits for. */
  private final Queue<Long> events = new ConcurrentLinkedQueue<>();

  /**
   * Opens a GPU.
   *
   * @param number by which the driver counts it
   * @param capability for which kernels are compiled, its own or a lower one of the same major number
   * @param bound the most bytes to be in use at a time; 0 for as many as there are
   * @param blas the library of cuBLASLt, by name or path; null for none
   * @throws dev.dwindle.tensor.DeviceUnavailableException where it takes no work
   */
  DriverDevice(String name, Driver driver, int number, Gpu gpu, int capability, Cubins cubins, long bound,
      String blas) {
    this.name = name;
    this.driver = driver;
    this.gpu = gpu;
    driver.use(name, "cuDeviceGet", word, number);
    this.number = word.get(ValueLayout.JAVA_INT, 0);
    driver.use(name, "cuDevicePrimaryCtxRetain", word, this.number);
    context = word.get(ValueLayout.JAVA_LONG, 0);
    enter();
    stream = made("cuStreamCreate", NOT_WITH_THE_DEFAULT_STREAM);
    side = made("cuStreamCreate", NOT_WITH_THE_DEFAULT_STREAM);
    recorder = made("cuStreamCreate", NOT_WITH_THE_DEFAULT_STREAM);
    sideDone = made("cuEventCreate", WITHOUT_TIME);
    for (int i = 0; i < MARKS; i++) marks[i] = made("cuEventCreate", WITHOUT_TIME);
    pool = new Pool(name, new Memory(), bound);
    modules = new Modules(name, this::check, cubins, capability);
    this.blas = Blas.open(name, blas);
    staging = new Staging(() -> new Staging.Piece(pageLocked(), made("cuEventCreate", WITHOUT_TIME)));
  }

  private final class Memory implements Pool.Source {
    @Override
    public long take(long bytes) {
      int code = driver.call("cuMemAlloc_v2", word, bytes);
      if (code == Driver.OUT_OF_MEMORY) return 0;
      require("cuMemAlloc_v2", code);
      return word.get(ValueLayout.JAVA_LONG, 0);
    }

    @Override
    public void give(long address) {
      // What was asked for may still use it.
      check("cuStreamSynchronize", stream);
      check("cuMemFree_v2", address);
    }

    @Override
    public long[] freeAndTotal() {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment free = arena.allocate(ValueLayout.JAVA_LONG);
        MemorySegment total = arena.allocate(ValueLayout.JAVA_LONG);
        check("cuMemGetInfo_v2", free, total);
        return new long[] {free.get(ValueLayout.JAVA_LONG, 0), total.get(ValueLayout.JAVA_LONG, 0)};
      }
    }
  }

  private void check(String function, Object... arguments) {
    require(function, driver.call(function, arguments));
  }

  private void require(String function, int code) {
    lost |= Driver.isFinal(code);
    driver.require(name, function, code);
  }

  /** Makes the GPU the one that this thread speaks to. */
  private void enter() {
    check("cuCtxSetCurrent", context);
  }

  /** What a function makes by flags. */
  private long made(String function, int flags) {
    check(function, word, flags);
    return word.get(ValueLayout.JAVA_LONG, 0);
  }

  private MemorySegment pageLocked() {
    check("cuMemHostAlloc", word, (long) Staging.PIECE, FOR_ALL_CONTEXTS);
    return MemorySegment.ofAddress(word.get(ValueLayout.JAVA_LONG, 0)).reinterpret(Staging.PIECE);
  }

  @Override
  public DeviceInfo info() {
    return gpu.info(name);
  }

  @Override
  public synchronized long allocate(long bytes) {
    enter();
    return pool.allocate(bytes);
  }

  @Override
  public synchronized void free(long address) {
    if (lost) return;
    enter();
    pool.free(address);
  }

  @Override
  public void copyIn(MemorySegment from, long to) {
    copyIn(from, to, stream);
  }

  private void copyIn(MemorySegment from, long to, long in) {
    for (long at = 0; at < from.byteSize(); at += Staging.PIECE) {
      long bytes = Math.min(Staging.PIECE, from.byteSize() - at);
      Staging.Piece piece = staging.take();
      try {
        await(piece.event());
        MemorySegment.copy(from, at, piece.memory(), 0, bytes);
        synchronized (this) {
          check("cuMemcpyHtoDAsync_v2", to + at, piece.memory(), bytes, in);
          check("cuEventRecord", piece.event(), in);
        }
      } finally {
        staging.give(piece);
      }
    }
  }

  @Override
  public synchronized long mark() {
    enter();
    check("cuEventRecord", marks[(int) (marked % MARKS)], stream);
    return marked++;
  }

  @Override
  public void copyInAfter(long mark, MemorySegment from, long to) {
    synchronized (this) {
      // Where the event stands for a later mark by now, that one is waited for.
      enter();
      check("cuStreamWaitEvent", side, marks[(int) (mark % MARKS)], 0);
    }
    copyIn(from, to, side);
    synchronized (this) {
      check("cuEventRecord", sideDone, side);
      check("cuStreamWaitEvent", stream, sideDone, 0);
    }
  }

  @Override
  public synchronized void copy(long from, long to, long bytes) {
    enter();
    if (bytes > 0) check("cuMemcpyDtoDAsync_v2", to, from, bytes, stream);
  }

  /** A part of what is copied out, on its way. */
  private record Coming(Staging.Piece piece, long at, long bytes) {}

  @Override
  public void copyOut(long from, MemorySegment to) {
    Deque<Coming> coming = new ArrayDeque<>();
    try {
      long at = 0;
      while (at < to.byteSize() || !coming.isEmpty()) {
        Staging.Piece piece = at == to.byteSize() ? null : coming.isEmpty() ? staging.take() : staging.poll();
        if (piece != null) {
          Coming next = new Coming(piece, at, Math.min(Staging.PIECE, to.byteSize() - at));
          coming.add(next);
          begin(next, from);
          at += next.bytes;
        }
        if (piece == null || coming.size() > 1) {
          end(coming.peek(), to);
          staging.give(coming.poll().piece);
        }
      }
    } finally {
      coming.forEach(left -> staging.give(left.piece));
    }
  }

  private void begin(Coming part, long from) {
    await(part.piece.event());
    synchronized (this) {
      check("cuMemcpyDtoHAsync_v2", part.piece.memory(), from + part.at, part.bytes, stream);
      check("cuEventRecord", part.piece.event(), stream);
    }
  }

  private void end(Coming part, MemorySegment to) {
    await(part.piece.event());
    MemorySegment.copy(part.piece.memory(), 0, to, part.at, part.bytes);
  }

  @Override
  public synchronized void launch(Launch launch) {
    enter();
    launch(function(launch.kernel()), launch, stream);
  }

  private void launch(long function, Launch launch, long in) {
    if (function == 0) {
      multiply(launch, in);
      return;
    }
    Grid grid = launch.grid();
    check("cuLaunchKernel", function, grid.blocksX(), grid.blocksY(), grid.blocksZ(), grid.threadsX(), grid.threadsY(),
        grid.threadsZ(), 0, in, launch.arguments(), MemorySegment.NULL);
  }

  /** By the library, whose kernels may find no room when they are first needed. */
  private void multiply(Launch launch, long in) {
    int status = blas.multiply(launch, in);
    if (status == Blas.NO_MEMORY) {
      pool.trim();
      status = blas.multiply(launch, in);
    }
    if (status == 0) return;
    if (status == Blas.NO_MEMORY) {
      throw new DeviceMemoryException("device '" + name + "': out of memory: cuBLASLt has no room for its kernels; end "
          + "other programs, or take a smaller batch or model", null);
    }
    // A GPU that is gone is not the library's fault.
    int code = driver.call("cuStreamQuery", stream);
    if (code != Driver.NOT_READY) require("cuStreamQuery", code);
    throw new IllegalStateException("device '" + name + "': cuBLASLt failed: status " + status);
  }

  @Override
  public synchronized Batch prepare(List<Launch> launches) {
    enter();
    return new Recorded(launches, functions(launches));
  }

  @Override
  public synchronized void ready(Stream<Kernel> kernels) {
    enter();
    kernels.distinct().forEach(kernel -> {
      try {
        function(kernel);
      } catch (DeviceMemoryException e) {
        pool.trim();
        function(kernel);
      }
    });
  }

  private long[] functions(List<Launch> launches) {
    return launches.stream().mapToLong(launch -> function(launch.kernel())).toArray();
  }

  /** The driver's handle of a kernel; 0 for the library's. */
  private long function(Kernel kernel) {
    return kernel.equals(Blas.KERNEL) ? 0 : modules.function(kernel);
  }

  @Override
  public synchronized long workspace(BlasProduct product) {
    if (blas == null) return -1;
    enter();
    return blas.workspace(product);
  }

  /** Launches that are recorded, when they have been begun one by one often enough, as a graph of the driver's, which begins them all at once. */
  private final class Recorded implements Batch {
    private static final int FIRST_RECORDED_RUN = 2;
    private static final int RELAXED = 2;

    private final List<Launch> launches;
    private final long[] functions;
    private int runs;
    private long graph;

    Recorded(List<Launch> launches, long[] functions) {
      this.launches = launches;
      this.functions = functions;
    }

    @Override
    public void run() {
      synchronized (DriverDevice.this) {
        enter();
        if (runs == FIRST_RECORDED_RUN && launches.size() > 1) record();
        runs++;
        if (graph == 0) launchIn(stream);
        else
          launchGraph();
      }
    }

    private void launchIn(long in) {
      for (int i = 0; i < functions.length; i++) launch(functions[i], launches.get(i), in);
    }

    private void launchGraph() {
      int code = driver.call("cuGraphLaunch", graph, stream);
      if (code == Driver.OUT_OF_MEMORY) {
        check("cuGraphExecDestroy", graph);
        graph = 0;
        launchIn(stream);
      } else {
        require("cuGraphLaunch", code);
      }
    }

    private void record() {
      long recorded = recorded();
      int code = driver.call("cuGraphInstantiateWithFlags", word, recorded, 0L);
      long made = word.get(ValueLayout.JAVA_LONG, 0);
      driver.call("cuGraphDestroy", recorded);
      // Without memory for it, launches are begun one by one as before.
      if (code == Driver.OUT_OF_MEMORY) return;
      require("cuGraphInstantiateWithFlags", code);
      graph = made;
    }

    private long recorded() {
      check("cuStreamBeginCapture_v2", recorder, RELAXED);
      try {
        launchIn(recorder);
      } catch (RuntimeException e) {
        // What was recorded so far is thrown away; the first failure is the one that is told.
        if (driver.call("cuStreamEndCapture", recorder, word) == 0) {
          driver.call("cuGraphDestroy", word.get(ValueLayout.JAVA_LONG, 0));
        }
        throw e;
      }
      check("cuStreamEndCapture", recorder, word);
      return word.get(ValueLayout.JAVA_LONG, 0);
    }

    @Override
    public void close() {
      synchronized (DriverDevice.this) {
        if (graph == 0 || lost) return;
        enter();
        check("cuGraphExecDestroy", graph);
        graph = 0;
      }
    }
  }

  @Override
  public synchronized long[] time(List<Launch> launches) {
    enter();
    long[] functions = functions(launches);
    long[] events = new long[functions.length + 1];
    int made = 0;
    try {
      for (; made < events.length; made++) events[made] = made("cuEventCreate", 0);
      check("cuEventRecord", events[0], stream);
      for (int i = 0; i < functions.length; i++) {
        launch(functions[i], launches.get(i), stream);
        check("cuEventRecord", events[i + 1], stream);
      }
      check("cuEventSynchronize", events[functions.length]);
      long[] nanos = new long[functions.length];
      for (int i = 0; i < nanos.length; i++) {
        check("cuEventElapsedTime_v2", word, events[i], events[i + 1]);
        nanos[i] = Math.round(1e6 * word.get(ValueLayout.JAVA_FLOAT, 0));
      }
      return nanos;
    } finally {
      for (int i = 0; i < made; i++) driver.call("cuEventDestroy_v2", events[i]);
    }
  }

  @Override
  public void await() {
    Long known = events.poll();
    long event = known == null ? event() : known;
    try {
      synchronized (this) {
        enter();
        check("cuEventRecord", event, stream);
      }
      await(event);
    } finally {
      events.add(event);
    }
  }

  private synchronized long event() {
    enter();
    return made("cuEventCreate", WITHOUT_TIME);
  }

  /** Waits for an event, while other threads may ask. */
  private void await(long event) {
    enter();
    check("cuEventSynchronize", event);
  }

  @Override
  public synchronized void close() {
    driver.call("cuCtxSetCurrent", context);
    driver.call("cuStreamSynchronize", stream);
    if (blas != null) blas.close();
    for (long address : pool.all()) driver.call("cuMemFree_v2", address);
    for (long module : modules.loaded()) driver.call("cuModuleUnload", module);
    for (Staging.Piece piece = staging.poll(); piece != null; piece = staging.poll()) {
      driver.call("cuEventDestroy_v2", piece.event());
      driver.call("cuMemFreeHost", piece.memory());
    }
    for (Long event = events.poll(); event != null; event = events.poll()) driver.call("cuEventDestroy_v2", event);
    for (long mark : marks) driver.call("cuEventDestroy_v2", mark);
    driver.call("cuEventDestroy_v2", sideDone);
    for (long each : List.of(stream, side, recorder)) driver.call("cuStreamDestroy_v2", each);
    driver.call("cuDevicePrimaryCtxRelease_v2", number);
  }
}
