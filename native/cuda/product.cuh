// Stacks of matrix products, as the planner lays them out.
#pragma once

// rows x inner times inner x columns; neighbours in a column and in a row lie so far apart. The stack's axes count matrices.
struct Product {
  int rows, inner, columns;
  int a_down, a_right;
  int b_down, b_right;
  int c_down, c_right;
  int a_matrix, b_matrix;
};
