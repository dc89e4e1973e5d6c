# shellcheck shell=bash
# Trees made of Debian packages, as any user and for any architecture: packages
# are fetched by apt into a directory of its own and unpacked, never configured,
# so nothing of the other architecture is run. Source it after host.sh; $work is
# a temporary directory and $cache one that stays.

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# mirror prints where this host's own apt gets Debian from.
mirror() {
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | head -n 1
}

# apt_for SUITE ARCH COMMAND...: apt-get that knows that suite alone and an empty
# system. The host's own acquire settings, a proxy say, stay in force.
apt_for() {
	local suite=$1 arch=$2 dir=$work/apt-$1-$2
	shift 2
	[ -e "$dir/conf" ] || open_suite "$suite" "$arch" "$dir"
	APT_CONFIG=$dir/conf apt-get -q=2 "$@"
}

open_suite() {
	local suite=$1 arch=$2 dir=$3 from
	from=$(mirror)
	[ -n "$from" ] || die "this host's apt has no Debian repository" "as root: apt-get update"
	[ -r "$keyring" ] || die "there is no $keyring" "as root: apt-get install debian-archive-keyring"
	mkdir -p "$dir/lists/partial" "$dir/archives/partial" "$dir/none"
	: >"$dir/status"
	# A mirror may lag behind in what is no release yet; whose it is, is checked all the same.
	echo "deb [arch=$arch signed-by=$keyring check-valid-until=no] $from $suite main" >"$dir/sources"
	{
		apt-config dump | grep '^Acquire'
		cat <<-CONF
			APT::Architecture "$arch";
			APT::Architectures { "$arch"; };
			APT::Install-Recommends "false";
			APT::Sandbox::User "";
			Acquire::Languages "none";
			Dir::Etc::parts "$dir/none";
			Dir::Etc::sourcelist "$dir/sources";
			Dir::Etc::sourceparts "$dir/none";
			Dir::Etc::preferences "$dir/none/preferences";
			Dir::Etc::preferencesparts "$dir/none";
			Dir::State::status "$dir/status";
			Dir::State::lists "$dir/lists";
			Dir::Cache "$dir";
		CONF
	} >"$dir/conf.new"
	APT_CONFIG=$dir/conf.new apt-get -q=2 update ||
		die "the lists of $suite for $arch cannot be fetched from this host's mirror" "does it carry $arch?"
	mv "$dir/conf.new" "$dir/conf"
}

# What only the configuration of packages needs, and nobody configures here.
never="debconf dpkg tar mawk perl-base init-system-helpers sensible-utils ucf readline-common tzdata"

# closure SUITE ARCH LEAVE PACKAGE...: the packages and what they depend on, one
# a line as NAME=VERSION, without those that match a pattern of LEAVE.
closure() {
	local suite=$1 arch=$2 leave=$3 name version
	shift 3
	apt_for "$suite" "$arch" --simulate install "$@" |
		sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1 \2/p' | LC_ALL=C sort |
		while read -r name version; do
			matches "$name" "$leave $never" || printf '%s=%s\n' "$name" "$version"
		done
}

matches() {
	local pattern
	set -f
	for pattern in $2; do
		# shellcheck disable=SC2254 # a pattern is meant
		case $1 in $pattern) set +f; return 0 ;; esac
	done
	set +f
	return 1
}

# unpack SUITE ARCH ROOT NAME=VERSION...: fetch packages, which apt checks by
# their signed digests, and unpack them. What is known of each stays in
# var/lib/dpkg/status.d, where scanners of images look.
unpack() {
	local suite=$1 arch=$2 root=$3 store=$cache/debs deb
	shift 3
	mkdir -p "$store" "$work/empty" "$root/var/lib/dpkg/status.d"
	# In an empty directory, for apt does not list what is there already.
	(cd "$work/empty" && apt_for "$suite" "$arch" download --print-uris "$@") | awk '{print $2}' >"$work/names"
	(cd "$store" && apt_for "$suite" "$arch" download "$@") || die "fetching the packages of $suite for $arch did not work"
	# base-files comes first: its links /bin, /lib and /lib64 must be there.
	{ grep '^base-files_' "$work/names"; grep -v '^base-files_' "$work/names"; } | while read -r deb; do
		dpkg-deb --fsys-tarfile "$store/$deb" |
			tar -C "$root" --keep-directory-symlink --no-same-owner --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' -xf -
		dpkg-deb --field "$store/$deb" >"$root/var/lib/dpkg/status.d/${deb%%_*}"
	done
}

# slim ROOT: take away what a server does not read. Licences stay. No file keeps
# a setuid or setgid bit.
slim() {
	local root=$1
	rm -rf "$root"/usr/share/{info,lintian,bash-completion,zsh,fish,doc-base,menu,pixmaps,gdb,bug} "$root"/usr/include \
		"$root"/usr/lib/python3*/{test,idlelib,ensurepip,turtledemo} "$root"/usr/games "$root"/var/cache/*
	find "$root/usr/share/doc" -type f ! -name copyright -delete
	find "$root/usr/share/doc" -type d -empty -delete
	find "$root" -type f -name '*.a' -delete
	find "$root/usr/lib/python3" -type d -name tests -prune -exec rm -rf {} + 2>/dev/null || true
	find "$root" -type f -perm /6000 -exec chmod u-s,g-s {} +
}

# complete ROOT: what the scripts of packages would have made: the links that
# alternatives are, the ids, the name service.
complete() {
	local root=$1 lib
	for lib in "$root"/usr/lib/*/blas/libblas.so.3 "$root"/usr/lib/*/lapack/liblapack.so.3; do
		[ ! -e "$lib" ] || ln -sf "$(basename "$(dirname "$lib")")/$(basename "$lib")" "$(dirname "$lib")/../"
	done
	printf 'root:x:0:0:root:/:/usr/sbin/nologin\nibm-user:x:1000:1000:ibm-user:/tmp:/usr/sbin/nologin\n' >"$root/etc/passwd"
	printf 'root:x:0:\nibm-user:x:1000:\n' >"$root/etc/group"
	printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$root/etc/nsswitch.conf"
	mkdir -p "$root/models" "$root/output"
}
