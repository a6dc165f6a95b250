package dev.dwindle.graph;

import dev.dwindle.tensor.InvalidInputException;

/** A position in a text: takes names, numbers and marks from it, skipping blanks and {@code //} comments. */
final class TextScanner {
  private static final String NAME_MARKS = "_./:$-";

  private final String text;
  private int at;

  TextScanner(String text) {
    this.text = text;
  }

  static boolean isPlainName(String name) {
    return !name.isEmpty() && name.chars().allMatch(TextScanner::inName);
  }

  private static boolean inName(int c) {
    return Character.isLetterOrDigit(c) || NAME_MARKS.indexOf(c) >= 0;
  }

  int position() {
    return at;
  }

  void back(int position) {
    at = position;
  }

  private void blanks() {
    while (at < text.length()) {
      if (text.startsWith("//", at)) {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (Character.isWhitespace(text.charAt(at))) {
        at++;
      } else {
        return;
      }
    }
  }

  boolean atEnd() {
    blanks();
    return at == text.length();
  }

  /** Whether the mark comes next; it is not taken. */
  boolean sees(String mark) {
    blanks();
    return text.startsWith(mark, at);
  }

  /** Takes the mark if it comes next. */
  boolean takes(String mark) {
    boolean seen = sees(mark);
    if (seen) {
      at += mark.length();
    }
    return seen;
  }

  void expect(String mark) {
    if (!takes(mark)) {
      throw flaw("'" + mark + "'");
    }
  }

  /** A name, plain or in quotes; in quotes it may be empty. */
  String name() {
    if (sees("\"")) {
      return string();
    }
    int start = at;
    while (at < text.length() && inName(text.charAt(at)) && !text.startsWith("//", at)) {
      at++;
    }
    if (start == at) {
      throw flaw("a name");
    }
    return text.substring(start, at);
  }

  /** A word of letters, digits and underscores. */
  String word() {
    blanks();
    int start = at;
    while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
      at++;
    }
    if (start == at) {
      throw flaw("a word");
    }
    return text.substring(start, at);
  }

  /** Whether a letter comes next. */
  boolean seesWord() {
    blanks();
    return at < text.length() && Character.isLetter(text.charAt(at));
  }

  /** A text in quotes. */
  String string() {
    expect("\"");
    StringBuilder result = new StringBuilder();
    while (at < text.length() && text.charAt(at) != '"') {
      char c = text.charAt(at++);
      if (c == '\\' && at < text.length()) {
        c = text.charAt(at++);
        c = c == 'n' ? '\n' : c;
      }
      result.append(c);
    }
    expect("\"");
    return result.toString();
  }

  /** The characters of a number; it is for the caller to say which kind it is. */
  String number() {
    blanks();
    int start = at;
    while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || "+-.".indexOf(text.charAt(at)) >= 0)) {
      at++;
    }
    if (start == at) {
      throw flaw("a number");
    }
    return text.substring(start, at);
  }

  /** Whether a number comes next: digits, perhaps behind a sign, {@code inf} or {@code nan}. */
  boolean seesNumber() {
    blanks();
    int from = at < text.length() && "+-".indexOf(text.charAt(at)) >= 0 ? at + 1 : at;
    if (from < text.length() && (Character.isDigit(text.charAt(from)) || text.charAt(from) == '.')) {
      return true;
    }
    return seesWord("inf", from) || seesWord("nan", from);
  }

  private boolean seesWord(String word, int from) {
    int end = from + word.length();
    return text.startsWith(word, from) && (end == text.length() || !inName(text.charAt(end)));
  }

  /** The characters before a comma or a closing bracket. */
  String item() {
    blanks();
    int start = at;
    while (at < text.length() && text.charAt(at) != ',' && text.charAt(at) != ']') {
      at++;
    }
    return text.substring(start, at).strip();
  }

  /** Takes one character, whatever it is. */
  void skip() {
    if (atEnd()) {
      throw flaw("more text");
    }
    at++;
  }

  InvalidInputException flaw(String expected) {
    blanks();
    long line = text.substring(0, at).chars().filter(c -> c == '\n').count() + 1;
    String rest = text.substring(at).lines().findFirst().orElse("");
    return new InvalidInputException(
        "graph text, line " + line + ": found '" + rest.substring(0, Math.min(30, rest.length())) + "', expected "
            + expected);
  }
}
