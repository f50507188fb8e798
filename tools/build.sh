# Sourced by ./puffs when something must be built. What comes out, in target/dist:
#   lib/        the jars of the command        bench/, lab/  the jars of the benchmarks, of the laboratory
#   mina/       those of the program in place of ssh
#   lib/run/    more for the programs it runs
#   java.path   the java they were built with  puffs.aot     the JVM's ahead-of-time cache
#   stamp, bench.stamp, lab.stamp              when the build began; written last
# shellcheck shell=bash disable=SC2034,SC2154
# shellcheck source=tools/env.sh
. "$home/tools/env.sh"

# The run that teaches the JVM what to keep in the cache: tools on disk images, and, where this user can mount, mounts:
# in memory, of an image, which does its work soon after it begins, and of a directory over SFTP, where there is a server.
train() { # JAVA-OPTION...
    local work lessons mounts=() dir
    work=$(mktemp -d) || return
    mkdir "$work"/{out,dtfs,ext4,psshfs,remote}
    lessons=(newfs ext4 "$work/image" 64M -- newfs fat32 "$work/fat" 64M -- fs cp -r "$home/libpuffs/src" "$work/fat:/"
        -- fs cp -r "$work/fat:/src" "$work/out" -- fs cp -r "$work/out/src" "$work/image:/"
        -- fs cp -r "$work/image:/src" "$work/out/again" -- fs ls -l "$work/image:/" "$work/fat:/" -- identify "$work/fat")
    if [[ -w /dev/fuse ]]; then
        lessons+=(-- mount -f dtfs "$work/dtfs" -- mount -f ext4 "$work/image" "$work/ext4")
        mounts=(dtfs ext4)
        if sftp_in_place_of_ssh >"$work/ssh"; then
            yes 'a line of a file that is read from its end, in pieces none of which follows another' |
                head -c 64M >"$work/remote/lines"
            lessons+=(-- mount -f psshfs "here:$work/remote" "$work/psshfs" -o "ssh_command=/bin/sh $work/ssh")
            mounts+=(psshfs)
        fi
    fi
    java_flags "$@"
    timeout 120 "${cmd[@]}" -m jpuffs.cli/jpuffs.cli.Training "${lessons[@]}" &
    for dir in "${mounts[@]}"; do
        lesson $! "$work/$dir"
    done
    wait $!
    rm -rf --one-file-system "${work:?}"
}

# Prints a script that speaks SFTP, whatever its arguments.
sftp_in_place_of_ssh() {
    local server
    for server in /usr/lib/openssh/sftp-server /usr/lib/ssh/sftp-server /usr/libexec/openssh/sftp-server; do
        if [[ -x $server ]]; then
            echo "exec $server"
            return
        fi
    done
    return 1
}

# Uses a mount of that process, and unmounts it.
lesson() { # PID DIR
    local i
    for ((i = 0; i < 300; i++)); do
        if grep -q " $2 fuse" /proc/mounts && ls "$2"; then
            # shellcheck disable=SC2016 # expanded there
            timeout 30 "$BASH" -c '[[ ! -f $1/lines ]] || { tac "$1/lines" && cp "$1/lines" "$1/d" && rm "$1/lines" "$1/d"; }
                cp -a "$2" "$1/a" && ls -lR "$1" && grep -rc e "$1" && cp -a "$1/a" "$1/b"
                mv "$1/b" "$1/c"; find "$1" && rm -rf "$1"/[ac]' lesson "$2" "$home/libpuffs/src" >/dev/null
            kill -TERM "$1"
            break
        fi
        kill -0 "$1" || break
        sleep 0.1
    done
    for ((i = 0; i < 100; i++)); do
        grep -q " $2 fuse" /proc/mounts || return
        sleep 0.1
    done
    umount -l "$2"
}

# Two first uses at once: the second waits and finds the work done. The lock ends with the subshell, or with us.
build_main() { locked "$dist/stamp" 'testkit|lab|bench|examples' make_main; }
build_bench() { locked "$dist/bench.stamp" 'testkit|lab|examples' make_bench; }
build_lab() { locked "$dist/lab.stamp" 'bench|examples' make_lab; }

locked() { # STAMP EXCLUDED-MODULES FUNCTION
    if ! mkdir -p "$dist" 2>/dev/null || [[ ! -w $dist ]]; then
        die 1 "a source is newer than the build, and $dist cannot be written"
    fi
    (
        flock 9
        stale "$1" "$2" || exit 0
        : >"$1.new" # a source changed while we build is newer than this
        "$3" || exit
        mv -f "$1.new" "$1"
    ) 9>"$home/target/lock" || exit
}

make_main() {
    run_maven cli,mina lib mina || exit
    printf '%s\n' "$jdk/bin/java" >"$dist/java.path"
    java=$jdk/bin/java
    rm -f "$dist/puffs.aot"
    if train "-XX:AOTCacheOutput=$dist/puffs.aot.new" >"$dist/aot.log" 2>&1 9>&- && [[ -f $dist/puffs.aot.new ]]; then
        mv -f "$dist/puffs.aot.new" "$dist/puffs.aot"
    else
        echo "puffs: no AOT cache could be made (see $dist/aot.log); starts will be slower" >&2
    fi
}

make_bench() {
    run_maven bench bench || exit
    [[ -f $dist/java.path ]] || printf '%s\n' "$jdk/bin/java" >"$dist/java.path"
}

make_lab() {
    run_maven lab lab || exit
    [[ -f $dist/java.path ]] || printf '%s\n' "$jdk/bin/java" >"$dist/java.path"
}

# Jars are put in place by rename: a daemon that runs keeps the files it has open.
run_maven() { # MODULE,... FOLDER-IN-DIST...
    local log=$home/target/build.log modules=$1 folder
    shift
    need_jdk || die 1 "$jdk_missing"
    need_mvn || die 1 'no Maven found: install it (Debian: apt-get install maven)'
    echo 'puffs: building (the first time takes a minute or two)' >&2
    for folder; do
        rm -rf "${dist:?}/$folder.new"
    done
    if ! JAVA_HOME=$jdk "$mvn" -B -f "$home/pom.xml" -Pdist -Dmaven.test.skip=true -pl "$modules" -am package >"$log" 2>&1 9>&- </dev/null; then
        grep -E '^\[(ERROR|WARNING)\]' "$log" >&2 || tail -n 20 "$log" >&2
        die 1 "the build failed; all of its output is in $log"
    fi
    for folder; do
        rm -rf "${dist:?}/$folder.old"
        [[ -d $dist/$folder ]] && mv "$dist/$folder" "$dist/$folder.old"
        mv "$dist/$folder.new" "$dist/$folder"
        rm -rf "${dist:?}/$folder.old"
    done
}
