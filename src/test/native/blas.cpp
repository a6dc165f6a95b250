// What stands in for cuBLASLt over the driver that stands in (gpu.cpp): the functions that Dwindle calls. Products are computed when the stream that they were asked for in comes to them, in
// FP32, from matrices that lie by columns, as the library has it. With NVIDIA's cublasLt.h on the include path the compiler holds these functions to its declarations.
#include <cstring>
#include <functional>
#include <set>

#if __has_include(<cublasLt.h>)
#include <cublasLt.h>
#else
#include <cstddef>
#include <cstdint>
typedef int cublasStatus_t;
typedef int cublasComputeType_t;
typedef int cudaDataType_t;
typedef int cublasLtMatmulDescAttributes_t;
typedef int cublasLtMatrixLayoutAttribute_t;
typedef int cublasLtMatmulPreferenceAttributes_t;
typedef struct cublasLtContext* cublasLtHandle_t;
typedef struct cublasLtMatmulDescOpaque_t* cublasLtMatmulDesc_t;
typedef struct cublasLtMatrixLayoutOpaque_t* cublasLtMatrixLayout_t;
typedef struct cublasLtMatmulPreferenceOpaque_t* cublasLtMatmulPreference_t;
typedef struct CUstream_st* cudaStream_t;
struct cublasLtMatmulAlgo_t {
  uint64_t data[8];
};
struct cublasLtMatmulHeuristicResult_t {
  cublasLtMatmulAlgo_t algo;
  size_t workspaceSize;
  cublasStatus_t state;
  float wavesCount;
  int reserved[4];
};
#endif

// gpu.cpp: does work when a stream comes to it.
void stand_in_ask(void* stream, std::function<void()> work);

namespace {

constexpr int OK = 0, INVALID_VALUE = 7, NOT_SUPPORTED = 15;
constexpr int R_32F = 0, R_16F = 2, R_16BF = 14, COMPUTE_32F = 68, COMPUTE_TF32 = 77;
constexpr uint64_t CHOSEN = 0x5eed;

struct Description {
  int compute, scale;
  int transposed[2] = {0, 0};
};

struct Layout {
  int type;
  uint64_t rows, columns;
  int64_t leading;
  int batch = 1;
  int64_t step = 0;
};

struct Preference {
  uint64_t workspace = 0;
};

std::set<const void*> alive;

template <class T>
T* keep(T* made) {
  alive.insert(made);
  return made;
}

template <class T>
bool drop(void* handle) {
  if (alive.erase(handle) == 0) return false;
  delete (T*)handle;
  return true;
}

template <class Handle>
const Layout& layout_of(Handle handle) {
  return *(const Layout*)handle;
}

float read(int type, const void* at, int64_t i) {
  if (type == R_32F) return ((const float*)at)[i];
  uint16_t bits = ((const uint16_t*)at)[i];
  if (type == R_16F) return emulator::of_half(bits);
  uint32_t wide = (uint32_t)bits << 16;
  float x;
  memcpy(&x, &wide, 4);
  return x;
}

void write(int type, void* at, int64_t i, float x) {
  if (type == R_32F) {
    ((float*)at)[i] = x;
  } else if (type == R_16F) {
    ((uint16_t*)at)[i] = emulator::half_of(x);
  } else {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    ((uint16_t*)at)[i] = (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
  }
}

// Columns of the first, rows of the second: of what they are after they are transposed or not.
bool fits(const Description& how, const Layout& a, const Layout& b, const Layout& d) {
  uint64_t inner = how.transposed[0] ? a.rows : a.columns;
  return (how.transposed[0] ? a.columns : a.rows) == d.rows && (how.transposed[1] ? b.rows : b.columns) == d.columns &&
         inner == (how.transposed[1] ? b.columns : b.rows) && a.leading >= (int64_t)a.rows && b.leading >= (int64_t)b.rows && d.leading >= (int64_t)d.rows &&
         a.batch == d.batch && b.batch == d.batch && a.type == d.type && b.type == d.type;
}

void multiply(Description how, float alpha, Layout a, const void* at_a, Layout b, const void* at_b, Layout d, void* at_d) {
  int64_t inner = how.transposed[0] ? a.rows : a.columns;
  for (int batch = 0; batch < d.batch; batch++) {
    for (int64_t column = 0; column < (int64_t)d.columns; column++) {
      for (int64_t row = 0; row < (int64_t)d.rows; row++) {
        float sum = 0;
        for (int64_t k = 0; k < inner; k++) {
          int64_t in_a = how.transposed[0] ? row * a.leading + k : k * a.leading + row;
          int64_t in_b = how.transposed[1] ? k * b.leading + column : column * b.leading + k;
          sum += read(a.type, at_a, batch * a.step + in_a) * read(b.type, at_b, batch * b.step + in_b);
        }
        write(d.type, at_d, batch * d.step + column * d.leading + row, alpha * sum);
      }
    }
  }
}

}  // namespace

#define REQUIRE(condition, code) \
  if (!(condition)) return (cublasStatus_t)(code)

extern "C" {

// How many descriptions, layouts, preferences and handles there are.
long stand_in_blas_alive() { return (long)alive.size(); }

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  *handle = (cublasLtHandle_t)keep(new int(0));
  return (cublasStatus_t)OK;
}

cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) {
  REQUIRE(drop<int>(handle), INVALID_VALUE);
  return (cublasStatus_t)OK;
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* description, cublasComputeType_t compute, cudaDataType_t scale) {
  REQUIRE((compute == COMPUTE_32F || compute == COMPUTE_TF32) && scale == R_32F, NOT_SUPPORTED);
  *description = (cublasLtMatmulDesc_t)keep(new Description{(int)compute, (int)scale});
  return (cublasStatus_t)OK;
}

cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t description, cublasLtMatmulDescAttributes_t attribute, const void* value, size_t bytes) {
  REQUIRE(alive.count(description) && (attribute == 3 || attribute == 4) && bytes == 4, INVALID_VALUE);
  ((Description*)description)->transposed[attribute - 3] = *(const int*)value;
  return (cublasStatus_t)OK;
}

cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t description) {
  REQUIRE(drop<Description>(description), INVALID_VALUE);
  return (cublasStatus_t)OK;
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* layout, cudaDataType_t type, uint64_t rows, uint64_t columns, int64_t leading) {
  REQUIRE(type == R_32F || type == R_16F || type == R_16BF, INVALID_VALUE);
  *layout = (cublasLtMatrixLayout_t)keep(new Layout{(int)type, rows, columns, leading});
  return (cublasStatus_t)OK;
}

cublasStatus_t cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t layout, cublasLtMatrixLayoutAttribute_t attribute, const void* value, size_t bytes) {
  REQUIRE(alive.count(layout), INVALID_VALUE);
  if (attribute == 5 && bytes == 4) {
    ((Layout*)layout)->batch = *(const int*)value;
  } else if (attribute == 6 && bytes == 8) {
    ((Layout*)layout)->step = *(const int64_t*)value;
  } else {
    return (cublasStatus_t)INVALID_VALUE;
  }
  return (cublasStatus_t)OK;
}

cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
  REQUIRE(drop<Layout>(layout), INVALID_VALUE);
  return (cublasStatus_t)OK;
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* preference) {
  *preference = (cublasLtMatmulPreference_t)keep(new Preference());
  return (cublasStatus_t)OK;
}

cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference, cublasLtMatmulPreferenceAttributes_t attribute, const void* value, size_t bytes) {
  REQUIRE(alive.count(preference) && attribute == 1 && bytes == 8, INVALID_VALUE);
  ((Preference*)preference)->workspace = *(const uint64_t*)value;
  return (cublasStatus_t)OK;
}

cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
  REQUIRE(drop<Preference>(preference), INVALID_VALUE);
  return (cublasStatus_t)OK;
}

// Products with 77 columns are those for which the library has nothing.
cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t, cublasLtMatmulDesc_t description, cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t c,
                                              cublasLtMatrixLayout_t d, cublasLtMatmulPreference_t preference, int asked, cublasLtMatmulHeuristicResult_t* results, int* found) {
  REQUIRE(asked == 1 && alive.count(preference) && c == d && fits(*(Description*)description, layout_of(a), layout_of(b), layout_of(d)), INVALID_VALUE);
  *found = 0;
  REQUIRE(layout_of(d).rows != 77, NOT_SUPPORTED);
  REQUIRE(((Description*)description)->compute != COMPUTE_TF32 || layout_of(d).type == R_32F, NOT_SUPPORTED);
  results[0] = {};
  results[0].algo.data[0] = CHOSEN;
  // Of a product without a stack, nothing.
  results[0].workspaceSize = layout_of(d).batch > 1 ? ((Preference*)preference)->workspace / 1024 : 0;
  *found = 1;
  return (cublasStatus_t)OK;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t description, const void* alpha, const void* at_a, cublasLtMatrixLayout_t a, const void* at_b,
                              cublasLtMatrixLayout_t b, const void* beta, const void* at_c, cublasLtMatrixLayout_t c, void* at_d, cublasLtMatrixLayout_t d,
                              const cublasLtMatmulAlgo_t* algorithm, void* workspace, size_t bytes, cudaStream_t stream) {
  REQUIRE(alive.count(handle) && algorithm->data[0] == CHOSEN && *(const float*)beta == 0 && at_c == at_d && c == d, INVALID_VALUE);
  Description how = *(Description*)description;
  Layout of_a = layout_of(a), of_b = layout_of(b), of_d = layout_of(d);
  float factor = *(const float*)alpha;
  REQUIRE(fits(how, of_a, of_b, of_d), INVALID_VALUE);
  stand_in_ask(stream, [=] {
    if (bytes) memset(workspace, 0xff, bytes);
    multiply(how, factor, of_a, at_a, of_b, at_b, of_d, at_d);
  });
  return (cublasStatus_t)OK;
}
}
