# Sourced by ./puffs for "install" and "uninstall": links to this folder, so that "puffs", "mount -t puffs.TYPE" and
# /etc/fstab find it.
# shellcheck shell=bash disable=SC2034,SC2154

# The types of file server: mount(8) wants a helper by the name that the kernel shows, or "-o remount" fails.
types=(dtfs nio null psshfs 'p2k|cd9660' 'p2k|exfat' 'p2k|ext2fs' 'p2k|msdosfs' 'p2k|tmpfs')

# Fills links with pairs of link and target.
installed_links() { # [--prefix DIR]
    local prefix=/usr/local sbin=/sbin page type
    if [[ ${1-} == --prefix && -n ${2-} ]]; then
        prefix=$2 sbin=$2/sbin
    elif (($#)); then
        die 1 'usage: puffs install|uninstall [--prefix DIR]'
    fi
    links=("$prefix/bin/puffs" "$self" "$sbin/mount.puffs" "$self")
    for type in "${types[@]}"; do
        links+=("$sbin/mount.fuse.puffs|$type" "$self")
    done
    for page in "$home"/docs/man/*.[1-9]; do
        links+=("$prefix/share/man/man${page##*.}/${page##*/}" "$page")
    done
    if [[ -f $home/docs/completion/puffs.bash ]]; then
        links+=("$prefix/share/bash-completion/completions/puffs" "$home/docs/completion/puffs.bash")
    fi
}

install() {
    local links i
    installed_links "$@"
    stale "$dist/stamp" 'testkit|lab|bench|examples' && build main
    for ((i = 0; i < ${#links[@]}; i += 2)); do
        if [[ -e ${links[i]} && ! -L ${links[i]} ]]; then
            die 1 "${links[i]} is there and is not ours"
        fi
        if ! mkdir -p "${links[i]%/*}" || ! ln -sfn "${links[i + 1]}" "${links[i]}"; then
            die 1 "cannot make ${links[i]}"
        fi
    done
    echo "In /etc/fstab: SOURCE DIR puffs.TYPE defaults 0 0"
}

uninstall() {
    local links i
    installed_links "$@"
    for ((i = 0; i < ${#links[@]}; i += 2)); do
        [[ -L ${links[i]} && $(readlink -- "${links[i]}") == "${links[i + 1]}" ]] || continue
        rm -f "${links[i]}" || die 1 "cannot remove ${links[i]}"
    done
}
