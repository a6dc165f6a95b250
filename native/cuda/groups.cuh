// The images and channels of a convolution.
#pragma once

struct Groups {
  int batch, groups;
  int channels, features;  // of a group
};
