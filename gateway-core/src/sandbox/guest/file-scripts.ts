// Pure: how files are touched inside a sandbox, by sh. The guest owns every link, so each is followed inside,
// where it can lead to nothing but what the sandbox may see.

/** How a script says what stood in its way. */
export const FILE_EXIT = {
  outside: 91,
  notFolder: 92,
  missing: 93,
  notFile: 94,
  unwritable: 95,
  cut: 96,
  taken: 97,
} as const;

/**
 * $1 path, $2 `1` to follow a link at its end, then $3… the roots. Leaves the path without links in $real; ends with
 * `outside` when that is in none of the roots, or, without following, when it is a root itself.
 */
const RESOLVE = `
resolve() {
  p=$1 follow=$2 hops=0; shift 2
  while [ "$follow" = 1 ] && [ -L "$p" ]; do
    hops=$((hops + 1)); [ "$hops" -le 40 ] || exit ${FILE_EXIT.outside}
    to=$(readlink "$p" && echo x) || exit ${FILE_EXIT.outside}
    to=\${to%?x}
    case $to in /*) p=$to ;; *) p=\${p%/*}/$to ;; esac
  done
  if [ "$follow" = 1 ] && [ -d "$p" ]; then
    real=$(cd -P -- "$p" && pwd -P) || exit ${FILE_EXIT.outside}
  else
    rest=\${p##*/} dir=\${p%/*}
    [ -n "$dir" ] || dir=/
    while [ ! -d "$dir" ]; do
      if [ -e "$dir" ] || [ -L "$dir" ]; then exit ${FILE_EXIT.notFolder}; fi
      rest=\${dir##*/}/$rest dir=\${dir%/*}
      [ -n "$dir" ] || dir=/
    done
    case /$rest/ in */../* | */./* | *//*) exit ${FILE_EXIT.outside} ;; esac
    real=$(cd -P -- "$dir" && pwd -P) || exit ${FILE_EXIT.outside}
    real=\${real%/}/$rest
  fi
  for root in "$@"; do
    base=$(cd -P -- "$root" 2>/dev/null && pwd -P) || continue
    case $real in "$base"/*) return ;; "$base") if [ "$follow" = 1 ]; then return; fi ;; esac
  done
  exit ${FILE_EXIT.outside}
}
`;

const FACTS = `
facts() { stat -L -c '%s %Y %y' -- "$1" 2>/dev/null || stat -L -f '%z %m' "$1"; }
kind() { if [ -d "$1" ]; then echo d; elif [ -f "$1" ]; then echo f; else echo o; fi; }
`;

/** path, roots…: prints the path without links. */
export const RESOLVE_SCRIPT = `${RESOLVE}
path=$1; shift; resolve "$path" 1 "$@"; printf %s "$real"`;

/** bytes, path, roots…: prints the first bytes of the file. */
export const READ_SCRIPT = `${RESOLVE}
bytes=$1 path=$2; shift 2; resolve "$path" 1 "$@"
[ -e "$real" ] || exit ${FILE_EXIT.missing}
[ -f "$real" ] || exit ${FILE_EXIT.notFile}
exec head -c "$bytes" < "$real"`;

/**
 * bytes, id, path, roots…: takes the content from its input. The count tells a whole content from one whose sender
 * was ended half way.
 */
export const WRITE_SCRIPT = `${RESOLVE}
bytes=$1 id=$2 path=$3; shift 3; resolve "$path" 1 "$@"
[ ! -d "$real" ] || exit ${FILE_EXIT.notFile}
folder=\${real%/*}
mkdir -p -- "$folder" || exit ${FILE_EXIT.unwritable}
temp=$folder/.openclaw-$id.tmp
trap 'rm -f -- "$temp"' EXIT
trap 'exit ${FILE_EXIT.cut}' HUP INT TERM PIPE
(set -C; cat > "$temp") || exit ${FILE_EXIT.unwritable}
[ $(wc -c < "$temp") -eq "$bytes" ] || exit ${FILE_EXIT.cut}
if [ -e "$real" ]; then
  mode=$(stat -L -c %a -- "$real" 2>/dev/null || stat -L -f %Lp "$real") && chmod "$mode" "$temp"
fi
mv -f -- "$temp" "$real" || exit ${FILE_EXIT.unwritable}`;

/** id, path, roots…: removes what a write left that was ended too hard to do it itself. */
export const FORGET_SCRIPT = `${RESOLVE}
id=$1 path=$2; shift 2; resolve "$path" 1 "$@"
rm -f -- "\${real%/*}/.openclaw-$id.tmp"`;

/** path, roots…: prints kind and facts, or nothing when there is no such thing. */
export const STAT_SCRIPT = `${RESOLVE}${FACTS}
path=$1; shift; resolve "$path" 1 "$@"
[ -e "$real" ] || exit 0
kind "$real"; facts "$real"`;

/** path, roots…: prints kind letter and name, each entry ended by a zero byte. */
export const LIST_SCRIPT = `${RESOLVE}${FACTS}
path=$1; shift; resolve "$path" 1 "$@"
[ -e "$real" ] || exit ${FILE_EXIT.missing}
[ -d "$real" ] || exit ${FILE_EXIT.notFolder}
cd -- "$real" || exit ${FILE_EXIT.outside}
for entry in * .[!.]* ..?*; do
  if [ -e "$entry" ] || [ -L "$entry" ]; then
    if [ -d "$entry" ]; then letter=d; elif [ -f "$entry" ]; then letter=f; else letter=o; fi
    printf '%s%s\\0' "$letter" "$entry"
  fi
done`;

/** path, roots…: a link goes, not what it leads to. */
export const REMOVE_SCRIPT = `${RESOLVE}
path=$1; shift; resolve "$path" 0 "$@"
if [ ! -e "$real" ] && [ ! -L "$real" ]; then exit ${FILE_EXIT.missing}; fi
rm -rf -- "$real" || exit ${FILE_EXIT.unwritable}`;

/** from, to, roots… */
export const MOVE_SCRIPT = `${RESOLVE}
from=$1 to=$2; shift 2
resolve "$from" 0 "$@"; source=$real
resolve "$to" 0 "$@"
if [ ! -e "$source" ] && [ ! -L "$source" ]; then exit ${FILE_EXIT.missing}; fi
[ ! -d "$real" ] || exit ${FILE_EXIT.taken}
mkdir -p -- "\${real%/*}" || exit ${FILE_EXIT.unwritable}
mv -f -- "$source" "$real" || exit ${FILE_EXIT.unwritable}`;
