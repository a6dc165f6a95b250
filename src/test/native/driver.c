/* What stands in for NVIDIA's driver in tests: INIT, VERSION, COUNT and CAPABILITY say what it is like. Devices have the numbers 40, 41, ... */
#include <stdio.h>

int cuInit(unsigned flags) { return flags == 0 ? INIT : 1; }

int cuDriverGetVersion(int *version) {
  *version = VERSION;
  return 0;
}

int cuDeviceGetCount(int *count) {
  *count = COUNT;
  return 0;
}

int cuDeviceGet(int *device, int number) {
  *device = 40 + number;
  return 0;
}

int cuDeviceGetName(char *name, int length, int device) {
  snprintf(name, length, "Toy GPU %d", device);
  return 0;
}

int cuDeviceGetAttribute(int *value, int attribute, int device) {
  *value = attribute == 75 ? CAPABILITY / 10 : attribute == 76 ? CAPABILITY % 10 : device;
  return 0;
}

int cuDeviceTotalMem_v2(size_t *bytes, int device) {
  *bytes = (size_t)device << 30;
  return 0;
}

int cuGetErrorName(int code, const char **name) {
  *name = "CUDA_ERROR_UNKNOWN";
  return code == 999 ? 0 : 1;
}
