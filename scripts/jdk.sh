# Sourced by the scripts beside it: finds a JDK 25 or newer without starting one.

# jdk_feature HOME: prints the feature version (25, 26, ...) of the JDK at HOME, or fails where there is none.
jdk_feature() {
  local line
  [[ -x $1/bin/javac && -r $1/release ]] || return 1
  while IFS= read -r line; do
    if [[ $line =~ ^JAVA_VERSION=\"([0-9]+) ]]; then
      printf '%s\n' "${BASH_REMATCH[1]}"
      return 0
    fi
  done <"$1/release"
  return 1
}

# find_jdk: sets jdk and jdk_version to the first that is new enough, or fails.
find_jdk() {
  local home on_path
  local candidates=("${JAVA_HOME:-}")
  if on_path=$(type -P java); then
    while [[ -L $on_path ]]; do
      local target
      target=$(readlink "$on_path")
      [[ $target == /* ]] || target=${on_path%/*}/$target
      on_path=$target
    done
    candidates+=("${on_path%/bin/java}")
  fi
  candidates+=("${JAVA25_HOME:-}" "${JDK25_HOME:-}" "${JAVA_HOME_25_X64:-}" "${JAVA_HOME_25_ARM64:-}"
    /usr/lib/jvm/* /usr/java/* /usr/local/lib/jvm/* /opt/* /opt/*/jdk* /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home
    "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* "${HOME:-}"/.local/share/mise/installs/java/*
    /Library/Java/JavaVirtualMachines/*/Contents/Home "${HOME:-}"/Library/Java/JavaVirtualMachines/*/Contents/Home)
  for home in "${candidates[@]}"; do
    [[ -n $home ]] || continue
    if jdk_version=$(jdk_feature "$home") && ((jdk_version >= 25)); then
      jdk=$home
      return 0
    fi
  done
  return 1
}

# require_jdk: find_jdk, or one plain sentence and exit 2.
require_jdk() {
  find_jdk && return 0
  echo "dwindle: no JDK 25 or newer found (looked at JAVA_HOME, java on PATH, JAVA25_HOME, /usr/lib/jvm, /opt," \
    "SDKMAN, ~/.jdks and macOS's folders); install one, such as Temurin 25, or set JAVA_HOME to it" >&2
  exit 2
}

# require_maven: one plain sentence and exit 2 where there is no mvn.
require_maven() {
  type -P mvn >/dev/null && return 0
  echo "dwindle: Maven is needed for the build, and there is no mvn on PATH;" \
    "install Maven 3.8 or newer (Debian: apt-get install maven, macOS: brew install maven)" >&2
  exit 2
}
