#!/usr/bin/env bash
# Installs the packages into a fresh Debian tree and runs beckon there, without a network. The tree is made of what this
# system has installed: the packages that Debian always has (a few of them), and the closure of the dependencies that the
# package names, so that dpkg checks them and a library that it forgot is missing.
#   installed.sh BUILD FOLDER SINK...    BUILD: a build tree with everything built; SINK: the names of the shipped ones. Ends with
#                                        77 where there may be no such tree.
set -euo pipefail
build=$1 folder=$2
sinks=("${@:3}")
tree=$folder/tree

skip() { echo "skipped: $*"; exit 77; }
fail() { echo "FAILED: $*" >&2; exit 1; }
step() { echo "== $*"; }

for program in dpkg dpkg-deb dpkg-query dpkg-shlibdeps unshare chroot; do
  command -v "$program" >/dev/null || skip "there is no $program here"
done
# In namespaces of its own: a root of its own where we are none, mounts that end with the script, and no network.
if [ -z "${BECKON_IN_NAMESPACES:-}" ]; then
  spaces=(--mount --net)
  [ "$(id -u)" -eq 0 ] || spaces+=(--user --map-root-user)
  unshare "${spaces[@]}" true 2>/dev/null || skip "neither root nor user namespaces may be had here"
  exec env BECKON_IN_NAMESPACES=1 unshare "${spaces[@]}" "$0" "$@"
fi

rm -rf "$folder"
mkdir -p "$folder"

step "cpack"
cpack -G DEB --config "$build/CPackConfig.cmake" -B "$folder" -D CPACK_DEBIAN_COMPRESSION_TYPE=gzip >"$folder/cpack.log" 2>&1 ||
  { cat "$folder/cpack.log"; fail "cpack"; }
package=$(echo "$folder"/beckon_*.deb) dev=$(echo "$folder"/beckon-dev_*.deb)
[ -f "$package" ] && [ -f "$dev" ] || fail "cpack made no beckon and beckon-dev: $(ls "$folder")"

step "what is in them"
control() { dpkg-deb --field "$package" "$1"; }
depends=$(control Depends)
echo "Depends: $depends"
for library in libc6 libsqlite3-0 libssl3 libcurl4 libsystemd0 libsdbus-c++1 libcmark-gfm; do
  [[ "$depends" == *"$library"* ]] || fail "it does not depend on $library"
done
[ "$(dpkg-deb --info "$package" conffiles)" = /etc/beckon/config.toml ] || fail "the conffiles are others"
dpkg-deb --contents "$package" >"$folder/contents"
dpkg-deb --contents "$dev" >"$folder/contents-dev"
expect_file() { grep -q " \./$2\$" "$folder/$1" || fail "$2 is not in $1"; }
for file in usr/bin/beckon usr/libexec/beckon/beckon-sink-host usr/lib/systemd/system/beckon.service \
  usr/lib/systemd/user/beckon.service etc/beckon/config.toml usr/share/man/man1/beckon.1.gz usr/share/man/man5/beckon.toml.5.gz \
  usr/share/doc/beckon/copyright usr/share/doc/beckon/config.example.toml; do
  expect_file contents "$file"
done
for file in usr/include/beckon/sink.hpp usr/include/beckon/sink_abi.h usr/lib/cmake/BeckonSink/BeckonSinkConfig.cmake \
  usr/lib/pkgconfig/beckon-sink.pc usr/share/doc/beckon-dev/copyright; do
  expect_file contents-dev "$file"
done
! grep -E 'usr/(include|lib/cmake)|/tests?/' "$folder/contents" || fail "this belongs into beckon-dev, or nowhere"
! grep -vE '^[dl-]r.xr.xr.x root/root|^-rw-r--r-- root/root' "$folder/contents" "$folder/contents-dev" | grep . ||
  fail "a file has another owner or mode"

step "a fresh tree"
mkdir -p "$tree"/{etc,dev,proc,tmp,var/lib/dpkg/info,var/lib/dpkg/updates,usr/bin,usr/sbin,usr/lib,usr/lib64}
for link in bin sbin lib lib64; do ln -s "usr/$link" "$tree/$link"; done
: >"$tree/var/lib/dpkg/status"
installed() { dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }
# "NAME PROVIDED PROVIDED ..."
dpkg-query -W -f '${Package}, ${Provides}\n' | sed -E 's/\([^)]*\)//g; s/,/ /g; s/ +/ /g; s/$/ /' >"$folder/provided"
# The packages that a list of dependencies asks for; of alternatives the first that is installed.
packages() {
  local group one
  tr ',' '\n' <<<"$1" | while IFS='|' read -ra group; do
    for one in "${group[@]}"; do
      one=$(sed -E 's/\([^)]*\)//; s/:any//; s/[[:space:]]//g' <<<"$one")
      [ -n "$one" ] || continue
      installed "$one" || one=$(grep -F " $one " "$folder/provided" | head -1 | cut -d' ' -f1)
      [ -z "$one" ] || { echo "$one"; break; }
    done
  done
}
declare -A taken
queue=(base-files dash coreutils init-system-helpers)
mapfile -t -O ${#queue[@]} queue < <(packages "$depends")
while [ ${#queue[@]} -gt 0 ]; do
  name=${queue[0]}
  queue=("${queue[@]:1}")
  [ -z "${taken[$name]:-}" ] || continue
  taken[$name]=yes
  { dpkg-query -s "$name"; echo; } >>"$tree/var/lib/dpkg/status"
  for list in "/var/lib/dpkg/info/$name.list" "/var/lib/dpkg/info/$name":*.list; do
    [ ! -f "$list" ] || cp "$list" "$tree/var/lib/dpkg/info/"
  done
  mapfile -t -O ${#queue[@]} queue < <(packages "$(dpkg-query -W -f '${Depends}, ${Pre-Depends}' "$name")")
  # Files and links; /lib is a link itself, so what a package calls /lib/x is /usr/lib/x.
  dpkg-query -L "$name" | grep '^/' | grep -vE '^/usr/share/(doc|man|locale|info)/|^/(proc|sys|dev)/' |
    sed -E 's#^/(bin|sbin|lib|lib64)/#/usr/\1/#' | while read -r file; do
    if [ -L "$file" ] || [ -f "$file" ] && [ -r "$file" ]; then echo "${file#/}"; fi
  done | tar -C / -c --no-recursion -T - | tar -C "$tree" -x --no-same-owner
done
echo "${#taken[@]} packages"
touch "$tree/dev/null"
mount --bind /dev/null "$tree/dev/null"
mount --rbind /proc "$tree/proc"
inside() { env -i PATH=/usr/sbin:/usr/bin HOME=/root LC_ALL=C.UTF-8 chroot "$tree" "$@"; }
inside /bin/sh -c : || fail "the tree has no shell that runs"
list() { (cd "$tree" && find . -path ./proc -prune -o -path ./var/lib/dpkg -prune -o -path ./dev -prune -o -print | LC_ALL=C sort); }
list >"$folder/before"

step "dpkg --install"
dpkg --root="$tree" --install "$package" >"$folder/dpkg.log" 2>&1 || { cat "$folder/dpkg.log"; fail "dpkg --install"; }
[ "$(dpkg-query --admindir="$tree/var/lib/dpkg" -W -f '${db:Status-Status}' beckon)" = installed ] || fail "it is not installed"

if command -v systemd-analyze >/dev/null; then
  step "the service"
  # Among systemd's own targets, which the tree has not. It warns with exit code 0, too; and here it knows no units of users.
  units=$folder/units
  mkdir -p "$units/usr/bin" "$units/usr/lib/systemd/system"
  ln -s usr/bin "$units/bin"
  cp "$tree/usr/bin/beckon" /bin/kill "$units/usr/bin/"
  cp -P /lib/systemd/system/*.target "$units/usr/lib/systemd/system/"
  cp "$tree/usr/lib/systemd/system/beckon.service" "$units/usr/lib/systemd/system/"
  cp "$tree/usr/lib/systemd/user/beckon.service" "$units/usr/lib/systemd/system/of-a-user.service"
  for unit in beckon.service of-a-user.service; do
    said=$(systemd-analyze verify --man=no --root="$units" "$unit" 2>&1) && [ -z "$said" ] || fail "$unit: $said"
  done
  # Of 100, which is no protection at all. What is left of it is the network, and that rlimits may be lowered.
  systemd-analyze security --offline=true --no-pager --threshold=15 "$tree/usr/lib/systemd/system/beckon.service" >"$folder/security" ||
    fail "the service may do more than it needs: $(tail -1 "$folder/security")"
  tail -1 "$folder/security"
fi

step "beckon check"
inside beckon check | tee "$folder/check" || fail "beckon check"
grep -qx "/etc/beckon/config.toml: in order (0 subscriptions, 0 sinks)" "$folder/check" || fail "the configuration is another one"

step "beckon sinks"
inside beckon sinks | tee "$folder/sinks" || fail "beckon sinks"
for sink in "${sinks[@]}"; do grep -q "^ *$sink\b" "$folder/sinks" || fail "the sink $sink does not load"; done

step "beckon try-sink"   # in the program for isolated sinks
inside beckon try-sink /usr/lib/beckon/sinks/webhook.so --set url=https://service.example/hook >"$folder/try-sink" 2>&1 &&
  grep -q "It keeps the contract." "$folder/try-sink" || { cat "$folder/try-sink"; fail "beckon try-sink"; }

if ip link set lo up 2>/dev/null; then
  step "beckon demo"
  inside beckon demo >"$folder/demo" 2>&1 || { cat "$folder/demo"; fail "beckon demo"; }
fi

step "dpkg --remove"
dpkg --root="$tree" --remove beckon >>"$folder/dpkg.log" 2>&1 || { cat "$folder/dpkg.log"; fail "dpkg --remove"; }
list >"$folder/after"
# What deb-systemd-helper keeps in mind is Debian's, until a purge.
left=$(comm -13 "$folder/before" "$folder/after" | { grep -v '^./var/lib/systemd' || true; } | tr '\n' ' ')
[ "$left" = "./etc/beckon ./etc/beckon/config.toml " ] || fail "it leaves $left"

step "dpkg --purge"
mkdir -p "$tree/var/lib/private/beckon"
dpkg --root="$tree" --purge beckon >>"$folder/dpkg.log" 2>&1 || { cat "$folder/dpkg.log"; fail "dpkg --purge"; }
list >"$folder/after"
left=$(comm -13 "$folder/before" "$folder/after" | { grep -vxE './var/lib/(private|systemd)' || true; } | tr '\n' ' ')
[ -z "$left" ] || fail "a purge leaves $left"
umount "$tree/dev/null"
umount --lazy "$tree/proc"
rm -rf --one-file-system "$tree" "$folder/_CPack_Packages"
echo "in order"
