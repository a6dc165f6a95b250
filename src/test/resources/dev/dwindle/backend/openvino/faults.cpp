// Laid before OpenVINO's C API by LD_PRELOAD: makes one of its calls fail for good after so many that do their work.
// DWINDLE_FAULT="CALL AFTER TEXT", with CALL infer or compile; TEXT is what the library says then. AFTER is a count of calls, or
// a journal's absolute path: then the calls fail from when it holds a measurement, which is a line after its first.
#include <dlfcn.h>
#include <link.h>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

namespace {
constexpr int GENERAL_ERROR = -1;
std::atomic<int> calls{0};
std::atomic<bool> failed{false};

const char* setting() {
  const char* fault = std::getenv("DWINDLE_FAULT");
  return fault ? fault : "";
}

bool holdsMeasurement(const char* path, size_t length) {
  std::ifstream journal(std::string(path, length));
  std::string line;
  return std::getline(journal, line) && std::getline(journal, line) && !journal.eof();
}

bool due(const char* after) {
  if (*after == '/') return holdsMeasurement(after, std::strcspn(after, " "));
  return calls++ >= std::atoi(after);
}

bool fails(const char* call) {
  const char* fault = setting();
  const size_t length = std::strlen(call);
  if (std::strncmp(fault, call, length) != 0 || fault[length] != ' ') return false;
  if (!failed && due(fault + length + 1)) failed = true;
  return failed;
}

int opened(dl_phdr_info* info, size_t, void* found) {
  if (!std::strstr(info->dlpi_name, "/libopenvino_c.so")) return 0;
  *static_cast<void**>(found) = dlopen(info->dlpi_name, RTLD_LAZY | RTLD_NOLOAD);
  return 1;
}

// The library is not in the global scope, so that RTLD_NEXT does not see it.
void* real(const char* name) {
  void* library = nullptr;
  dl_iterate_phdr(opened, &library);
  return dlsym(library, name);
}
}  // namespace

extern "C" {
int ov_infer_request_infer(void* request) {
  if (fails("infer")) return GENERAL_ERROR;
  static auto call = reinterpret_cast<int (*)(void*)>(real("ov_infer_request_infer"));
  return call(request);
}

int ov_core_compile_model_props(const void* core, const void* model, const char* device, size_t count,
                                const void* pairs, void** compiled) {
  if (fails("compile")) return GENERAL_ERROR;
  static auto call = reinterpret_cast<int (*)(const void*, const void*, const char*, size_t, const void*, void**)>(
      real("ov_core_compile_model_props"));
  return call(core, model, device, count, pairs, compiled);
}

const char* ov_get_last_err_msg() {
  static auto call = reinterpret_cast<const char* (*)()>(real("ov_get_last_err_msg"));
  if (!failed) return call();
  const char* text = std::strchr(std::strchr(setting(), ' ') + 1, ' ') + 1;
  char* copy = new char[std::strlen(text) + 1];
  return std::strcpy(copy, text);
}
}
