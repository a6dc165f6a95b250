# Sourced by the benchmarks that start Java themselves: goes to the root of the repository, compiles, and sets root, java and classes.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root"
# shellcheck source=../scripts/jdk.sh
. scripts/jdk.sh
require_jdk
require_maven
export JAVA_HOME=$jdk
mkdir -p target
mvn -B -q test-compile dependency:build-classpath -DincludeScope=test -Dmdep.outputFile=target/test-classpath >target/benchmark.log 2>&1 ||
  { tail -20 target/benchmark.log; exit 4; }
java=$jdk/bin/java
classes=target/classes:target/test-classes:$(<target/test-classpath)
