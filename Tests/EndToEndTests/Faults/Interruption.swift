import Model
import Processes

/// A command that gets a signal at some moment, in a process namespace of its own, where every
/// process that it leaves can be seen.
struct Interruption {
  /// 128 and the number of the signal where that ended it; 0 where it was done before.
  var status: Int
  /// The names of processes that were still there ten seconds later.
  var left: [String]
  /// What was mounted afterwards below the folder that was asked for.
  var mounts: [String]
  var log: String

  /// Runs it.
  ///
  /// - Parameters:
  ///   - words: The command line.
  ///   - signal: The name of the signal.
  ///   - milliseconds: When it comes.
  ///   - folder: Where no mount may stay.
  /// - Throws: When there can be no such namespace.
  init(_ words: [String], by signal: String, after milliseconds: Int, mountsBelow folder: String)
    throws(Failure)
  {
    let outcome = try Command(
      ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "sh", "-c", Self.script, "sh"]
        + [signal, "\(milliseconds / 1000).\(String(1000 + milliseconds % 1000).dropFirst())"]
        + [folder] + words
    ).runChecked()
    var (status, left, mounts) = (-1, [String](), [String]())
    for line in outcome.text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1).map(String.init)
      switch words[0] {
      case "status": status = Int(words[1]) ?? -1
      case "left": left.append(words[1])
      case "mount": mounts.append(words[1])
      default: break
      }
    }
    self.status = status
    self.left = left
    self.mounts = mounts
    log = outcome.errorText
  }

  /// The shell is the first process there: orphans become its children, and zombies of theirs
  /// do not count.
  private static let script = #"""
    signal=$1 time=$2 kept=$3; shift 3
    env --default-signal "$@" >/dev/null & process=$!
    sleep "$time"
    kill -s "$signal" "$process" 2>/dev/null
    wait "$process"; echo "status $?"
    # Without any process of its own, which it would count.
    look() {
      left=
      for folder in /proc/[0-9]*; do
        [ "$folder" != /proc/1 ] && { read -r text <"$folder/stat"; } 2>/dev/null || continue
        case "${text##*) }" in Z*|X*) ;; *) left="$left${text%%)*});" ;; esac
      done
    }
    look
    for try in $(seq 50); do
      [ -z "$left" ] && break
      sleep 0.2; look
    done
    [ -z "$left" ] || echo "left $left"
    while read -r _ _ _ _ place _; do
      case "$place" in "$kept"/*) echo "mount $place" ;; esac
    done </proc/self/mountinfo
    exit 0
    """#
}
