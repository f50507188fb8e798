# SPDX-License-Identifier: BSD-2-Clause
# bash completion for puffs. Sourced by bash-completion, or by hand: . puffs.bash
# The words are those of "puffs help", "puffs help mount" and "puffs help TYPE"; a test compares them.

_puffs_types='dtfs nio null psshfs cd9660 iso9660 exfat ext2fs ext2 ext3 ext4 msdosfs vfat fat12 fat16 fat32 tmpfs auto'

# The file systems that can be made and checked.
_puffs_disk_types='exfat ext2fs ext2 ext3 ext4 msdosfs vfat fat12 fat16 fat32'

_puffs_devices='null zero random echo log toggle ram file cow delay fault cipher concat stripe'

_puffs_options='ro rw nosuid suid nodev dev noexec exec sync async dirsync noatime atime nodiratime diratime relatime
    norelatime strictatime nostrictatime lazytime nolazytime nosymfollow symfollow remount allow_other noallow_other
    default_permissions nodefault_permissions uid= gid= umask= fsname= subtype= auto_unmount entry_timeout=
    negative_timeout= attr_timeout= kernel_cache auto_cache direct_io writeback_cache nowriteback_cache max_read=
    max_write= io_uring no_io_uring xattr noxattr dump user users owner group defaults auto noauto nofail
    _netdev'

# The options that only one type has.
_puffs_options_of() { # TYPE
    case $1 in
        dtfs) echo size= nr_inodes= mode= locks nolocks ;;
        nio | niofs) echo classpath= ;;
        null | nullfs) echo passthrough nopassthrough ;;
        cd9660 | iso9660)
            echo session= norock nojoliet map= mode= dmode= overriderockperm nocompress cache= direct ;;
        ext2fs | ext[234]) echo cache= commit= direct errors= ;;
        exfat | msdosfs | vfat | fat12 | fat16 | fat32) echo cache= direct ;;
        tmpfs) echo size= nr_inodes= mode= ;;
        psshfs | sshfs)
            echo port= ssh_config= ssh_command= mina sftp_server= command= directport= passive slave \
            password_stdin ssh_protocol= vsock= max_conns= delay_connect reconnect timeout= wait= cache= dir_cache= \
            dcache_timeout= dcache_stat_timeout= dcache_dir_timeout= dcache_link_timeout= cache_timeout= \
            cache_stat_timeout= cache_dir_timeout= cache_link_timeout= dcache_max_size= dcache_clean_interval= \
            dcache_min_clean_interval= idmap= uidfile= gidfile= nomap= contain_symlinks no_contain_symlinks \
            transform_symlinks follow_symlinks disable_hardlink sshfs_sync async_create no_readahead \
            sync_readdir sync_read no_check_root workaround= no_rofd_flush noauto_cache modules= \
            sshfs_debug ;;
    esac
}

# What puffs has mounted, without starting Java. Backslash escapes of /proc/mounts become what they stand for.
_puffs_mounts() {
    local _ dir type
    while read -r _ dir type _; do
        [[ $type == fuse.puffs?(\|*) ]] && printf '%b\n' "${dir//\\/\\0}"
    done </proc/mounts
}

# Completes the last option of a list with commas between.
_puffs_option_list() { # TYPE WORD
    local done='' last=$2 option
    [[ $last == *,* ]] && done=${last%,*}, last=${last##*,}
    for option in $_puffs_options $(_puffs_options_of "$1"); do
        [[ $option == "$last"* ]] && COMPREPLY+=("$done$option")
    done
    compopt -o nospace
}

_puffs_mount() { # WORD
    local i words=()
    for ((i = 2; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            -o | =) ((i += 1)) ;; # to the shell, = is a word of its own
            -*) ;;
            *) words+=("${COMP_WORDS[i]}") ;;
        esac
    done
    if [[ $1 == = || ${COMP_WORDS[COMP_CWORD - 1]} == = ]]; then
        return # the value of an option
    elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == -o ]]; then
        _puffs_option_list "${words[0]-}" "$1"
    elif [[ $1 == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '-o -f -v' -- "$1")
    elif ((${#words[@]} == 0)); then
        mapfile -t COMPREPLY < <(compgen -W "$_puffs_types" -- "$1")
    else
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$1")
    fi
}

# newfs and fsck: a type, then an image.
_puffs_disk() { # WORD
    if ((COMP_CWORD == 2)); then
        mapfile -t COMPREPLY < <(compgen -W "$_puffs_disk_types" -- "$1")
    elif [[ $1 == -* ]]; then
        local options='-n -y'
        [[ ${COMP_WORDS[1]} == fsck ]] || options='--from -o -F'
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$1")
    else
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$1")
    fi
}

# A tool, then files: of images, too, but only up to the colon.
_puffs_fs() { # WORD
    local tools='cat chmod chown cp df diff du find ln ls mkdir mv rm sha256 stat tar tree write'
    if ((COMP_CWORD == 2)); then
        mapfile -t COMPREPLY < <(compgen -W "$tools" -- "$1")
    else
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$1")
    fi
}

_puffs_umount() { # WORD
    local dir
    if [[ $1 == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '-f -l' -- "$1")
        return
    fi
    compopt -o filenames
    while IFS= read -r dir; do
        [[ $dir == "$1"* ]] && COMPREPLY+=("$dir")
    done < <(_puffs_mounts)
}

_puffs_serve() { # WORD
    if ((COMP_CWORD == 2)); then
        mapfile -t COMPREPLY < <(compgen -W nbd -- "$1")
    elif [[ $1 == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '--unix --tcp --name --read-only --tls --tls-verify-peer --attach' -- "$1")
    else
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$1")
    fi
}

_puffs() {
    local word=${COMP_WORDS[COMP_CWORD]}
    local commands='mount syspuffs umount list newfs fsck identify fs dev serve run bench lab install uninstall help'
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W "$commands --version --help" -- "$word")
        return
    fi
    case ${COMP_WORDS[1]} in
        mount) _puffs_mount "$word" ;;
        syspuffs) compopt -o filenames && mapfile -t COMPREPLY < <(compgen -c -f -- "$word") ;;
        umount) _puffs_umount "$word" ;;
        list) mapfile -t COMPREPLY < <(compgen -W --json -- "$word") ;;
        newfs | fsck) _puffs_disk "$word" ;;
        fs) _puffs_fs "$word" ;;
        identify) compopt -o filenames && mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
        help) mapfile -t COMPREPLY < <(compgen -W "$commands $_puffs_types" -- "$word") ;;
        dev) ((COMP_CWORD > 2)) || mapfile -t COMPREPLY < <(compgen -W "$_puffs_devices list remove" -- "$word") ;;
        serve) _puffs_serve "$word" ;;
        run) compopt -o filenames && mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
        install | uninstall) mapfile -t COMPREPLY < <(compgen -W --prefix -- "$word") ;;
    esac
}

complete -F _puffs puffs
