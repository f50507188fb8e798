# Sourced by ./puffs and ./check, never on the path of an ordinary start: finds or installs what is needed to build.
# shellcheck shell=bash disable=SC2034,SC2154

jdk_missing='no JDK 25 or later found: install one (Debian has none before 13; https://adoptium.net has packages) and set JAVA_HOME if it is in an unusual place'

root_on_debian() {
    [[ $EUID == 0 ]] && type -P apt-get dpkg-query >/dev/null
}

# Is this the home of a JDK 25 or later? The release file spares us a start of java.
jdk_will_do() { # DIR
    [[ -x $1/bin/java && -x $1/bin/javac ]] || return 1
    local line version=
    if [[ -r $1/release ]]; then
        while read -r line; do
            [[ $line == JAVA_VERSION=* ]] && version=${line#*=} && break
        done <"$1/release"
    fi
    [[ -n $version ]] || version=$("$1/bin/java" -version 2>&1 | sed -n 's/.* version \("[^"]*"\).*/\1/p;q')
    version=${version//\"/}
    version=${version%%[!0-9]*}
    ((${version:-0} >= 25))
}

# Sets jdk, or returns 1.
find_jdk() {
    local dir path
    for dir in "${JAVA_HOME-}" /usr/lib/jvm/* /opt/* "${HOME-}"/.sdkman/candidates/java/* "${HOME-}"/.jdks/*; do
        [[ -n $dir ]] && jdk_will_do "$dir" && jdk=$dir && return
    done
    path=$(type -P javac) || return 1
    path=$(readlink -f -- "$path")
    dir=${path%/bin/javac}
    jdk_will_do "$dir" && jdk=$dir
}

# As root on Debian, what packages can give; the lists are fetched once and only when a package is wanted.
apt_updated=
install_packages() { # PACKAGE...
    if [[ -z $apt_updated ]]; then
        echo "installing $*" >&2
        apt-get update -q >/dev/null || return
        apt_updated=1
    fi
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null
}

candidate() { # PACKAGE
    [[ $(apt-cache policy "$1" 2>/dev/null) == *'Candidate: '[0-9]* ]]
}

# Sets jdk, installing one if that is possible, or returns 1.
need_jdk() {
    find_jdk && return
    root_on_debian || return
    local package
    for package in openjdk-25-jdk-headless temurin-25-jdk; do
        if [[ -z $apt_updated ]]; then
            apt-get update -q >/dev/null && apt_updated=1
        fi
        candidate "$package" && install_packages "$package" && find_jdk && return
    done
    return 1
}

# Sets mvn, installing it if that is possible, or returns 1.
need_mvn() {
    mvn=$(type -P mvn) && return
    root_on_debian && install_packages maven && mvn=$(type -P mvn)
}
