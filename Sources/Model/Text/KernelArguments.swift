/// The arguments of a kernel's command line, and how a boot loader's configuration has them.
///
/// They are cut as the kernel does it (lib/cmdline.c, `next_arg`): at blanks that are not between double
/// quotes. What systemd-boot, a unified kernel image and SYSLINUX read is the command line as it is; GRUB
/// reads words of a language of its own.
package struct KernelArguments: Sendable, Equatable {
  package var arguments: [String]

  package init(_ commandLine: String) {
    arguments = []
    var word = ""
    var isQuoted = false
    for character in commandLine {
      if character == " ", !isQuoted {
        if !word.isEmpty { arguments.append(word) }
        word = ""
        continue
      }
      if character == "\"" { isQuoted.toggle() }
      word.append(character)
    }
    if !word.isEmpty { arguments.append(word) }
  }

  /// The most bytes that all of them may have: the kernel keeps 2048 on amd64 and arm64
  /// (COMMAND_LINE_SIZE), some of which are what an image and its boot loader add.
  package static let limit = 1800

  /// The arguments as grub.cfg has them after the kernel's name.
  package var inGRUB: String { arguments.map(Self.grubWord).joined(separator: " ") }

  /// GRUB expands nothing between single quotes.
  ///
  /// It puts double quotes around an argument with a blank, and a backslash before quotes and backslashes
  /// (`grub_create_loader_cmdline`). So `name="a b"` is given to it as `name=a b` and comes to the kernel as
  /// `"name=a b"`, which means the same.
  private static func grubWord(_ argument: String) -> String {
    let bare = unquoted(argument)
    let isPlain = bare.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "/._-+=:,@%".utf8.contains(byte)
      }
    }
    return isPlain && !bare.isEmpty ? bare : "'\(bare)'"
  }

  /// An argument without the quotes that the kernel takes away: around all of it, or around its value.
  private static func unquoted(_ argument: String) -> String {
    guard argument.hasSuffix("\""), argument.count > 1 else { return argument }
    if argument.hasPrefix("\"") { return String(argument.dropFirst().dropLast()) }
    guard let equals = argument.firstIndex(of: "="),
      argument[argument.index(after: equals)...].hasPrefix("\""), !argument.hasSuffix("=\"")
    else { return argument }
    return String(argument[...equals] + argument[equals...].dropFirst(2).dropLast())
  }

  /// Whether an argument is two quotes with nothing between.
  package static func isEmpty(_ argument: String) -> Bool { unquoted(argument).isEmpty }

  /// Why GRUB cannot give an argument to the kernel as it is written; nil where it can.
  package static func problemInGRUB(_ argument: String) -> String? {
    let bare = unquoted(argument)
    if bare.isEmpty { return "GRUB leaves out what is empty" }
    guard let character = bare.first(where: { "'\"\\".contains($0) }) else { return nil }
    return "GRUB puts a backslash before \(character), which would reach the kernel"
  }
}
