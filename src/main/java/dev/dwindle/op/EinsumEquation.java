package dev.dwindle.op;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The equation of an Einsum: the labels of each operand's axes and of the output's. An axis that an ellipsis stands for
 * has a digit (counted from the last) as its label.
 */
record EinsumEquation(List<String> operands, String output) {

  /** Parses an equation for operands of these ranks. */
  static EinsumEquation of(Call call, int... ranks) {
    String equation = call.text("equation", "").replace(" ", "");
    int arrow = equation.indexOf("->");
    String[] terms = (arrow < 0 ? equation : equation.substring(0, arrow)).split(",", -1);
    if (terms.length != ranks.length) {
      throw call.invalid("equation '" + equation + "' has " + terms.length + " terms, expected " + ranks.length);
    }
    List<String> operands = new ArrayList<>();
    int widest = 0;
    for (int i = 0; i < terms.length; i++) {
      int hidden = ranks[i] - terms[i].replace("...", "").length();
      if (hidden < 0 || (hidden > 0 && !terms[i].contains("...")) || hidden > 9) {
        throw call.invalid("term '" + terms[i] + "' of equation '" + equation + "' for an operand of " + ranks[i]
            + " axes, expected one label an axis");
      }
      widest = Math.max(widest, hidden);
      operands.add(terms[i].replace("...", digits(hidden)));
    }
    String output = arrow < 0 ? implicit(operands, widest)
        : equation.substring(arrow + 2).replace("...", digits(widest));
    String all = String.join("", operands);
    for (char label : output.toCharArray()) {
      if (all.indexOf(label) < 0 || output.indexOf(label) != output.lastIndexOf(label)) {
        throw call.invalid("output label '" + label + "' of equation '" + equation + "' is not in a term, or twice");
      }
    }
    return new EinsumEquation(operands, output);
  }

  /** Labels that are summed over, in order of appearance. */
  String summed() {
    StringBuilder summed = new StringBuilder();
    for (char label : String.join("", operands).toCharArray()) {
      if (output.indexOf(label) < 0 && summed.indexOf(String.valueOf(label)) < 0) {
        summed.append(label);
      }
    }
    return summed.toString();
  }

  private static String digits(int count) {
    return "9876543210".substring(10 - count);
  }

  private static String implicit(List<String> operands, int ellipsis) {
    TreeMap<Character, Integer> counts = new TreeMap<>();
    for (char label : String.join("", operands).toCharArray()) {
      counts.merge(label, 1, Integer::sum);
    }
    StringBuilder output = new StringBuilder(digits(ellipsis));
    counts.forEach((label, count) -> {
      if (count == 1 && !Character.isDigit(label)) {
        output.append(label);
      }
    });
    return output.toString();
  }
}
