package dev.dwindle.cli;

/** The program {@code dwindle}: the only class that ends the process. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    if (!VectorModule.load()) {
      System.err
          .println("dwindle: this JVM does not give the Vector API; start it with --add-modules jdk.incubator.vector");
      System.exit(4);
    }
    System.out.println("dwindle " + String.join(" ", args));
  }
}
