// What stands in for NVIDIA's driver, its management library and a GPU in tests: the functions that Dwindle calls, over the kernels under the emulator.
//
// It is as unhelpful as a driver may be. Nothing that was asked for in a stream is done before somebody waits for it, and of other streams only as much
// as that needs. Where NVIDIA's driver would go on and something would be wrong now and then, an error is told: a call without a context, a copy from or to
// memory of the host that is not page-locked, a copy beyond an allocation, memory given back while work is left.
//
// With NVIDIA's cuda.h on the include path the compiler holds these functions to its declarations.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#if __has_include(<cuda.h>)
#include <cuda.h>
#else
typedef int CUdevice;
typedef unsigned long long CUdeviceptr;
typedef struct CUctx_st* CUcontext;
typedef struct CUmod_st* CUmodule;
typedef struct CUfunc_st* CUfunction;
typedef struct CUstream_st* CUstream;
typedef struct CUevent_st* CUevent;
typedef struct CUgraph_st* CUgraph;
typedef struct CUgraphExec_st* CUgraphExec;
typedef int CUdevice_attribute;
typedef int CUstreamCaptureMode;
typedef int CUresult;
#endif

extern "C" int emulated_launch(const char* kernel, const unsigned* sizes, void** arguments, int reversed, char* error, int length);

namespace {

constexpr size_t GUARD = 256;
constexpr int INVALID_VALUE = 1, OUT_OF_MEMORY = 2, INVALID_CONTEXT = 201, INVALID_HANDLE = 400, NOT_FOUND = 500, LAUNCH_FAILED = 719;

struct Stream;

// What an event stands for from when it is recorded on.
struct Moment {
  Stream* stream;
  bool passed = false;
  std::chrono::steady_clock::time_point at;
};

using Work = std::function<void()>;

struct Stream {
  std::deque<Work> left;
  bool recording = false;
  std::vector<Work> recorded;
};

struct Event {
  std::shared_ptr<Moment> moment;
};

struct Graph {
  std::vector<Work> work;
};

// All that is alive, by kind.
template <class T>
struct Handles {
  std::set<T*> all;

  T* make() { return *all.insert(new T()).first; }
  bool has(void* handle) const { return all.count(static_cast<T*>(handle)) > 0; }
  bool drop(void* handle) {
    if (all.erase(static_cast<T*>(handle)) == 0) return false;
    delete static_cast<T*>(handle);
    return true;
  }
};

struct Allocation {
  size_t bytes;
  unsigned char* memory;
};

struct Failure {
  std::string function;
  long after = 0;
  std::string file;  // where one is named, calls count only from when it is there
  int code = 0;
  bool stays = false;
};

struct Gpu {
  std::recursive_mutex lock;
  size_t memory = (size_t)8 << 30;
  size_t used = 0;
  int capability = 90;
  int version = 13000;
  int contexts = 0;
  bool reversed = false;
  int broken = 0;
  std::string why;
  Failure failure;
  std::map<std::string, long> calls;
  std::map<CUdeviceptr, Allocation> allocations;
  std::map<const unsigned char*, size_t> locked;
  Handles<Stream> streams;
  Handles<Event> events;
  Handles<Graph> graphs;
  Handles<Graph> execs;
  std::set<std::string*> modules;

  Gpu() {
    if (const char* text = getenv("STAND_IN_MEMORY")) memory = strtoull(text, nullptr, 10);
    if (const char* text = getenv("STAND_IN_VERSION")) version = atoi(text);
    if (const char* text = getenv("STAND_IN_FAILURE")) {
      char name[64], after[512], *path;
      if (sscanf(text, "%63[^:]:%511[^:]:%d", name, after, &failure.code) == 3) {
        failure.function = name;
        failure.stays = true;
        failure.after = strtol(after, &path, 10);
        failure.file = path;
      }
    }
  }

  void run(Stream& stream) {
    while (!stream.left.empty()) step(stream);
  }

  void step(Stream& stream) {
    Work work = std::move(stream.left.front());
    stream.left.pop_front();
    work();
  }

  void run_until(const std::shared_ptr<Moment>& moment) {
    while (moment && !moment->passed) step(*moment->stream);
  }

  bool holds(CUdeviceptr at, size_t bytes) const {
    auto next = allocations.upper_bound(at);
    if (next == allocations.begin()) return false;
    auto& found = *std::prev(next);
    return at + bytes <= found.first + found.second.bytes;
  }

  bool is_locked(const void* at, size_t bytes) const {
    auto next = locked.upper_bound(static_cast<const unsigned char*>(at));
    if (next == locked.begin()) return false;
    auto& found = *std::prev(next);
    return static_cast<const unsigned char*>(at) + bytes <= found.first + found.second;
  }

  bool has_work() const {
    for (Stream* stream : streams.all) {
      if (!stream->left.empty()) return true;
    }
    return false;
  }

  void fail(int code, const std::string& reason) {
    broken = code;
    why = reason;
  }

  void check_guards(const std::string& kernel) {
    for (auto& [address, allocation] : allocations) {
      for (size_t i = 0; i < GUARD; i++) {
        if (allocation.memory[i] != 0x5a || allocation.memory[GUARD + allocation.bytes + i] != 0x5a) {
          return fail(LAUNCH_FAILED, kernel + " wrote beside its memory");
        }
      }
    }
  }
};

Gpu& gpu() {
  static Gpu only;
  return only;
}

thread_local bool current = false;

// Counts a call; the code that it ends with at once, or 0.
int begin(const char* function, bool in_context) {
  Gpu& g = gpu();
  g.calls[function]++;
  bool waits = !g.failure.file.empty() && access(g.failure.file.c_str(), F_OK) != 0;
  if (g.failure.function == function && !waits && g.failure.after-- == 0) {
    if (g.failure.stays) g.fail(g.failure.code, "removed");
    g.failure.function.clear();
    return g.failure.code;
  }
  if (g.broken) return g.broken;
  return in_context && (!current || g.contexts == 0) ? INVALID_CONTEXT : 0;
}

#define BEGIN(in_context)                                      \
  std::lock_guard<std::recursive_mutex> guard(gpu().lock);     \
  Gpu& g = gpu();                                              \
  if (int code = begin(__func__, in_context)) return (CUresult)code; \
  (void)g;

#define REQUIRE(condition, code) \
  if (!(condition)) return (CUresult)(code)
#define DONE return (CUresult)g.broken

Stream& of(CUstream handle) { return *reinterpret_cast<Stream*>(handle); }

void ask(Stream& stream, Work work) {
  if (stream.recording) stream.recorded.push_back(std::move(work));
  else stream.left.push_back(std::move(work));
}

}  // namespace

// For libraries that stand in beside the driver.
void stand_in_ask(void* stream, std::function<void()> work) {
  std::lock_guard<std::recursive_mutex> guard(gpu().lock);
  ask(*static_cast<Stream*>(stream), std::move(work));
}

extern "C" {

// What tests ask and set. Counts are of memory, page-locked memory, streams, events, graphs, modules and contexts, in this order.
void stand_in_alive(long* counts) {
  Gpu& g = gpu();
  long all[] = {(long)g.allocations.size(), (long)g.locked.size(), (long)g.streams.all.size(), (long)g.events.all.size(),
                (long)(g.graphs.all.size() + g.execs.all.size()), (long)g.modules.size(), g.contexts};
  memcpy(counts, all, sizeof(all));
}

long stand_in_calls(const char* function) { return gpu().calls[function]; }

void stand_in_memory(long bytes) { gpu().memory = bytes; }

void stand_in_reversed(int reversed) { gpu().reversed = reversed != 0; }

// Lets a function fail after so many calls of it; all others, too, where that stays.
void stand_in_fail(const char* function, long after, int code, int stays) { gpu().failure = {function, after, "", code, stays != 0}; }

CUresult cuInit(unsigned) {
  BEGIN(false);
  DONE;
}

CUresult cuDriverGetVersion(int* version) {
  BEGIN(false);
  *version = g.version;
  DONE;
}

CUresult cuDeviceGetCount(int* count) {
  BEGIN(false);
  *count = 1;
  DONE;
}

CUresult cuDeviceGet(CUdevice* device, int number) {
  BEGIN(false);
  REQUIRE(number == 0, 101);
  *device = 40;
  DONE;
}

CUresult cuDeviceGetName(char* name, int length, CUdevice) {
  BEGIN(false);
  snprintf(name, length, "Stand-in GPU");
  DONE;
}

CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice) {
  BEGIN(false);
  *value = attribute == 75 ? g.capability / 10 : attribute == 76 ? g.capability % 10 : 0;
  DONE;
}

CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice) {
  BEGIN(false);
  *bytes = g.memory;
  DONE;
}

CUresult cuDeviceGetPCIBusId(char* text, int length, CUdevice) {
  BEGIN(false);
  REQUIRE(length >= 13, INVALID_VALUE);
  strcpy(text, "0000:3B:00.0");
  DONE;
}

CUresult cuGetErrorName(CUresult code, const char** name) {
  static std::string words;
  Gpu& g = gpu();
  std::lock_guard<std::recursive_mutex> guard(g.lock);
  words = code == OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : code == LAUNCH_FAILED ? "CUDA_ERROR_LAUNCH_FAILED" : code == 999 ? "CUDA_ERROR_UNKNOWN" : "CUDA_ERROR";
  if (g.broken && !g.why.empty()) words += " (" + g.why + ")";
  *name = words.c_str();
  return (CUresult)0;
}

CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
  BEGIN(false);
  REQUIRE(device == 40, 101);
  g.contexts++;
  *context = reinterpret_cast<CUcontext>(&g);
  DONE;
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice) {
  BEGIN(false);
  REQUIRE(g.contexts > 0, INVALID_CONTEXT);
  g.contexts--;
  DONE;
}

CUresult cuCtxSetCurrent(CUcontext context) {
  BEGIN(false);
  REQUIRE(context == reinterpret_cast<CUcontext>(&g), INVALID_CONTEXT);
  current = true;
  DONE;
}

CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
  BEGIN(true);
  *free = g.memory - g.used;
  *total = g.memory;
  DONE;
}

CUresult cuMemAlloc_v2(CUdeviceptr* address, size_t bytes) {
  BEGIN(true);
  REQUIRE(bytes > 0, INVALID_VALUE);
  if (bytes > g.memory - g.used) return (CUresult)OUT_OF_MEMORY;
  size_t whole = (bytes + 3 * GUARD - 1) / GUARD * GUARD;
  auto* memory = static_cast<unsigned char*>(aligned_alloc(GUARD, whole));
  memset(memory, 0x5a, whole);
  memset(memory + GUARD, 0xff, bytes);
  *address = (CUdeviceptr)(memory + GUARD);
  g.used += bytes;
  g.allocations[*address] = {bytes, memory};
  DONE;
}

CUresult cuMemFree_v2(CUdeviceptr address) {
  BEGIN(true);
  auto found = g.allocations.find(address);
  REQUIRE(found != g.allocations.end() && !g.has_work(), INVALID_VALUE);
  g.used -= found->second.bytes;
  free(found->second.memory);
  g.allocations.erase(found);
  DONE;
}

CUresult cuMemHostAlloc(void** at, size_t bytes, unsigned) {
  BEGIN(true);
  auto* memory = static_cast<unsigned char*>(malloc(bytes));
  g.locked[memory] = bytes;
  *at = memory;
  DONE;
}

CUresult cuMemFreeHost(void* at) {
  BEGIN(true);
  REQUIRE(g.locked.erase(static_cast<unsigned char*>(at)) == 1, INVALID_VALUE);
  free(at);
  DONE;
}

CUresult cuStreamCreate(CUstream* stream, unsigned) {
  BEGIN(true);
  *stream = reinterpret_cast<CUstream>(g.streams.make());
  DONE;
}

CUresult cuStreamDestroy_v2(CUstream stream) {
  BEGIN(true);
  REQUIRE(g.streams.has(stream) && of(stream).left.empty(), INVALID_HANDLE);
  g.streams.drop(stream);
  DONE;
}

CUresult cuStreamSynchronize(CUstream stream) {
  BEGIN(true);
  REQUIRE(g.streams.has(stream) && !of(stream).recording, INVALID_HANDLE);
  g.run(of(stream));
  DONE;
}

CUresult cuStreamQuery(CUstream stream) {
  BEGIN(true);
  REQUIRE(g.streams.has(stream), INVALID_HANDLE);
  REQUIRE(of(stream).left.empty(), 600);
  DONE;
}

CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned) {
  BEGIN(true);
  REQUIRE(g.streams.has(stream) && g.events.has(event), INVALID_HANDLE);
  auto moment = reinterpret_cast<Event*>(event)->moment;
  ask(of(stream), [moment] { gpu().run_until(moment); });
  DONE;
}

CUresult cuEventCreate(CUevent* event, unsigned) {
  BEGIN(true);
  *event = reinterpret_cast<CUevent>(g.events.make());
  DONE;
}

CUresult cuEventDestroy_v2(CUevent event) {
  BEGIN(true);
  REQUIRE(g.events.drop(event), INVALID_HANDLE);
  DONE;
}

CUresult cuEventRecord(CUevent event, CUstream stream) {
  BEGIN(true);
  REQUIRE(g.streams.has(stream) && g.events.has(event) && !of(stream).recording, INVALID_HANDLE);
  auto moment = std::make_shared<Moment>();
  moment->stream = &of(stream);
  reinterpret_cast<Event*>(event)->moment = moment;
  ask(of(stream), [moment] {
    moment->passed = true;
    moment->at = std::chrono::steady_clock::now();
  });
  DONE;
}

CUresult cuEventSynchronize(CUevent event) {
  BEGIN(true);
  REQUIRE(g.events.has(event), INVALID_HANDLE);
  g.run_until(reinterpret_cast<Event*>(event)->moment);
  DONE;
}

CUresult cuEventElapsedTime_v2(float* milliseconds, CUevent start, CUevent end) {
  BEGIN(true);
  REQUIRE(g.events.has(start) && g.events.has(end), INVALID_HANDLE);
  auto from = reinterpret_cast<Event*>(start)->moment;
  auto to = reinterpret_cast<Event*>(end)->moment;
  REQUIRE(from && to && from->passed && to->passed, 600);
  *milliseconds = std::chrono::duration<float, std::milli>(to->at - from->at).count();
  DONE;
}

CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, CUstream stream) {
  BEGIN(true);
  REQUIRE(g.streams.has(stream), INVALID_HANDLE);
  REQUIRE(bytes > 0 && g.holds(to, bytes) && g.is_locked(from, bytes), INVALID_VALUE);
  ask(of(stream), [=] { memcpy((void*)to, from, bytes); });
  DONE;
}

CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, CUstream stream) {
  BEGIN(true);
  REQUIRE(g.streams.has(stream), INVALID_HANDLE);
  REQUIRE(bytes > 0 && g.holds(from, bytes) && g.is_locked(to, bytes), INVALID_VALUE);
  ask(of(stream), [=] { memcpy(to, (void*)from, bytes); });
  DONE;
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  BEGIN(true);
  REQUIRE(g.streams.has(stream), INVALID_HANDLE);
  REQUIRE(bytes > 0 && g.holds(from, bytes) && g.holds(to, bytes), INVALID_VALUE);
  ask(of(stream), [=] { memcpy((void*)to, (void*)from, bytes); });
  DONE;
}

CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  BEGIN(true);
  REQUIRE(image != nullptr, 200);
  auto* made = new std::string();
  g.modules.insert(made);
  *module = reinterpret_cast<CUmodule>(made);
  DONE;
}

CUresult cuModuleUnload(CUmodule module) {
  BEGIN(true);
  auto* known = reinterpret_cast<std::string*>(module);
  REQUIRE(g.modules.erase(known) == 1, INVALID_HANDLE);
  delete known;
  DONE;
}

CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  BEGIN(true);
  REQUIRE(g.modules.count(reinterpret_cast<std::string*>(module)) > 0, INVALID_HANDLE);
  REQUIRE(emulator::argument_sizes(name) != nullptr, NOT_FOUND);
  static std::set<std::string> names;
  *function = reinterpret_cast<CUfunction>(const_cast<std::string*>(&*names.insert(name).first));
  DONE;
}

CUresult cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
                        unsigned block_z, unsigned shared, CUstream stream, void** arguments, void** extra) {
  BEGIN(true);
  REQUIRE(g.streams.has(stream), INVALID_HANDLE);
  REQUIRE(grid_x > 0 && grid_x <= 0x7fffffff && grid_y > 0 && grid_y <= 65535 && grid_z > 0 && grid_z <= 65535, INVALID_VALUE);
  REQUIRE(block_x > 0 && block_y > 0 && block_z > 0 && block_x * block_y * block_z <= 1024 && shared == 0 && !extra, INVALID_VALUE);
  const std::string& name = *reinterpret_cast<std::string*>(function);
  std::vector<std::string> values;
  size_t i = 0;
  for (size_t bytes : *emulator::argument_sizes(name)) values.emplace_back(static_cast<char*>(arguments[i++]), bytes);
  ask(of(stream), [=]() mutable {
    Gpu& g = gpu();
    if (g.broken) return;
    std::vector<void*> pointers;
    for (std::string& value : values) pointers.push_back(value.data());
    unsigned sizes[] = {grid_x, grid_y, grid_z, block_x, block_y, block_z};
    char said[512] = "";
    if (emulated_launch(name.c_str(), sizes, pointers.data(), g.reversed, said, sizeof(said)) != 0) g.fail(LAUNCH_FAILED, said);
    else g.check_guards(name);
  });
  DONE;
}

CUresult cuStreamBeginCapture_v2(CUstream stream, CUstreamCaptureMode) {
  BEGIN(true);
  REQUIRE(g.streams.has(stream) && !of(stream).recording, INVALID_HANDLE);
  of(stream).recording = true;
  DONE;
}

CUresult cuStreamEndCapture(CUstream stream, CUgraph* graph) {
  BEGIN(true);
  REQUIRE(g.streams.has(stream) && of(stream).recording, INVALID_HANDLE);
  Graph* made = g.graphs.make();
  made->work = std::move(of(stream).recorded);
  of(stream).recorded.clear();
  of(stream).recording = false;
  *graph = reinterpret_cast<CUgraph>(made);
  DONE;
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec* exec, CUgraph graph, unsigned long long) {
  BEGIN(true);
  REQUIRE(g.graphs.has(graph), INVALID_HANDLE);
  Graph* made = g.execs.make();
  made->work = reinterpret_cast<Graph*>(graph)->work;
  *exec = reinterpret_cast<CUgraphExec>(made);
  DONE;
}

CUresult cuGraphDestroy(CUgraph graph) {
  BEGIN(true);
  REQUIRE(g.graphs.drop(graph), INVALID_HANDLE);
  DONE;
}

CUresult cuGraphExecDestroy(CUgraphExec exec) {
  BEGIN(true);
  REQUIRE(g.execs.drop(exec), INVALID_HANDLE);
  DONE;
}

CUresult cuGraphLaunch(CUgraphExec exec, CUstream stream) {
  BEGIN(true);
  REQUIRE(g.streams.has(stream) && g.execs.has(exec), INVALID_HANDLE);
  for (const Work& work : reinterpret_cast<Graph*>(exec)->work) ask(of(stream), work);
  DONE;
}

// NVIDIA's management library: a GPU that takes 300 watts, whatever it does. STAND_IN_ENERGY, a code, says that it does not count them.
int nvmlInit_v2() { return 0; }

int nvmlDeviceGetHandleByPciBusId_v2(const char* bus, void** device) {
  if (strcmp(bus, "0000:3B:00.0") != 0) return 6;
  *device = &gpu();
  return 0;
}

int nvmlDeviceGetTotalEnergyConsumption(void* device, unsigned long long* millijoules) {
  if (device != &gpu()) return 2;
  if (const char* code = getenv("STAND_IN_ENERGY")) return atoi(code);
  auto now = std::chrono::steady_clock::now().time_since_epoch();
  *millijoules = 300 * std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  return 0;
}
}
