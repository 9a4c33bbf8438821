package import Model
internal import StageContracts

/// Files to put into the system.
package struct FilesModule: Module {
  package var files: [Entry]
  var directories: [Located<FileCopies.Directory>]
  var links: [Located<FileCopies.Link>]
  var remove: [Located<String>]

  /// One file, or one folder with all that is in it.
  package struct Entry: Sendable, Equatable {
    package var content: Content
    /// The absolute path; the root for a folder that is laid over the system.
    package var destination: Located<String>
    /// Nil for what the source has: 0755 where its owner may execute it, else 0644.
    package var mode: FileMode?
    package var owner: String
    package var group: String
    /// Values as setfattr(1) takes them: a text, or 0x and hexadecimal digits.
    package var attributes: [String: String]
  }

  package static let type = "files"
  package static let summary = FileCopies.summary
  package static let example = """
    - type: files
      files:
        - {source: files/motd, destination: /etc/motd}
        - destination: /etc/issue
          mode: "0644"
          content: |
            Debian, made from a recipe
        - source: files/app.conf
          destination: /etc/app.conf
          template: true
          xattrs: {user.origin: recipe}
      directories:
        - {path: /srv/data, mode: "2775", group: users}
      links:
        - {path: /usr/local/bin/vi, target: /usr/bin/vim.tiny}
      remove: [/etc/update-motd.d/10-uname]
    """
  package static let notes = """
    `source` is relative to the file that names it; `content` is the text itself. Contents become part of the
    manifest, so all files of a recipe together can have at most 32 MiB, hard links counted once: put larger content
    into a Debian package, and name that in a [packages](packages.md) module.

    A directory is copied with everything in it: files, symbolic links as they are, hard links, and empty
    directories (which git does not keep). With `destination: /` it is laid over the whole system. Everything
    belongs to root unless `owner` and `group` say otherwise. A directory that the system already has keeps its
    owner and mode; a new one gets `owner`, `group` and the mode of the files, with `x` wherever there is an `r`. If
    an entry names a file that a directory also brings, the entry wins.

    Without `mode`, a file gets 0755 if its owner may execute it, and 0644 otherwise. Nothing else is taken from the
    checkout, so a checkout made under another umask compiles to the same manifest. A private file is never opened
    to everybody, though: if others may not read the file, or a directory that it is in, `mode` is required. To set
    it for one file of a directory, give the file an entry of its own. A file that others may not read counts as
    private if the recipe, or the directory around the file, is open to others, or if not even the owner may write to
    the file. Otherwise the whole checkout is closed, as under umask 077, and a mode of 0600 says nothing: set `mode`
    for secrets in any case.

    With `template: true`, `${{ name }}` is replaced with the value of the [variable](../variables.md), in the file or
    in all files of the directory. In `content`, variables are always replaced. `xattrs` sets extended attributes:
    `user.` and a name, or `security.capability`. A value is text, or `0x` and the bytes in hexadecimal digits, as
    `getfattr -e hex` prints them.

    Missing directories above a file belong to root, with mode 0755; beneath a directory of the file's owner, such as the
    home directory, they belong to that owner. Users must exist: put their `users` module before this one.

    Within a module, the paths in `remove` are removed first; then directories, files and links are created. In `remove`,
    `*` stands for any characters of a name and `?` for one, as in a shell. Each path must exist, or the build fails, so
    you notice if a package no longer has it.

    Some paths are also managed by the build:

    | path | what happens to your file |
    |---|---|
    | `/etc/fstab` | its lines follow those of the image's [partitions](../disks.md): add NFS or tmpfs here |
    | `/etc/ssh/ssh_host_*`, `/var/tmp`, `/var/cache/apt/archives`, logs, caches | kept; what packages leave there is removed |
    | `/etc/machine-id`, `/var/lib/dbus/machine-id`, `/var/lib/systemd/random-seed` | refused: each machine has its own |
    | `/etc/hostname`, `/etc/localtime`, `/etc/locale.conf`, `/etc/default/keyboard` | refused if a module writes it: `hostname`, `timezone`, `locale`, `keyboard` |
    | `/boot/grub/grub.cfg`, `/boot/grub/custom.cfg` | refused with `bootloader: grub`: the build makes the menu |
    | `/etc/default/grub`, `/etc/default/grub.d/*.cfg` | kept for `update-grub`; refused with `bootloader: grub` if it sets what the image's `timeout`, `command-line` and `console` set |

    An empty `/etc/machine-id` is accepted. Files that a script leaves at these paths are removed, except for the lines
    of `/etc/fstab`.
    """

  package var contents: [Content] { files.map(\.content) }
  package var destinations: [Located<String>] {
    // Any number of folders can be laid over the system.
    files.map(\.destination).filter { $0.value != "/" }
      + links.map { Located($0.value.path, at: $0.mark) }
  }

  package static let schema = Schema<FilesModule>.object(
    Field(
      "files", { $0.files }, .list(of: entry), default: [], "The files and directories to copy."),
    Field(
      "directories", { $0.directories }, .list(of: directory.located), default: [],
      "Directories to create, or whose permissions to change."),
    Field("links", { $0.links }, .list(of: link.located), default: [], "Symbolic links to create."),
    Field(
      "remove", { $0.remove },
      Schema<[Located<String>]>.list(of: destination.located).refusingRepeated("path"),
      default: [], "Files and directories to remove; `*` and `?` match parts of a name."),
    make: { FilesModule(files: $0, directories: $1, links: $2, remove: $3) }
  ).mapped(
    { (module, node, problems) -> FilesModule? in
      if module.files.isEmpty, module.directories.isEmpty, module.links.isEmpty,
        module.remove.isEmpty
      {
        problems.report(
          "the module does nothing", at: node.mark,
          remedy: "add 'files', 'directories', 'links' or 'remove'")
        return nil
      }
      return module
    }, { $0 })

  private static let directory = Schema<FileCopies.Directory>.object(
    Field("path", { $0.path }, destination, "The absolute path."),
    Field(
      "mode", { $0.mode }, FileMode.schema, default: FileMode(bits: 0o755),
      "The permissions: \"0755\"."),
    Field("owner", { $0.owner }, owner, default: "root", "The owner: a name or a number."),
    Field("group", { $0.group }, owner, default: "root", "The group: a name or a number."),
    make: { FileCopies.Directory(path: $0, mode: $1, owner: $2, group: $3) })

  private static let link = Schema<FileCopies.Link>.object(
    Field("path", { $0.path }, destination, "The absolute path of the link."),
    Field(
      "target", { $0.target },
      .text(
        "[^\\x00-\\x1f\\x7f]+", "link target", "write a path, absolute or relative to the link"
      ),
      "The target of the link, absolute or relative to the link."),
    make: { FileCopies.Link(path: $0, target: $1) })

  private static let entry = Schema<FileWritten>.object(
    Field(
      optional: "source", { $0.source }, Schema<String>.localPath.located,
      "A file or directory, relative to the file that names it."),
    Field(optional: "content", { $0.content }, .string, "The text of the file."),
    Field(
      "template", { $0.isTemplate }, Schema<Bool>.bool.located, default: Located(false),
      "Whether to replace variables in the file."),
    Field(
      "destination", { $0.destination }, place.located,
      "The absolute path; / lays a directory over the system."),
    Field(
      optional: "mode", { $0.mode }, FileMode.schema,
      "The permissions: \"0644\". Default: 0755 if the file is executable, otherwise 0644."),
    Field("owner", { $0.owner }, owner, default: "root", "The owner: a name or a number."),
    Field("group", { $0.group }, owner, default: "root", "The group: a name or a number."),
    Field(
      "xattrs", { $0.attributes }, attributes, default: [:], "The extended attributes of the file."),
    make: {
      FileWritten(
        source: $0, content: $1, isTemplate: $2, destination: $3, mode: $4, owner: $5, group: $6,
        attributes: $7)
    }
  ).mapped(
    { (written, node, problems) -> Entry? in
      let content: Content
      switch (written.source, written.content) {
      case (let source?, nil):
        content = written.isTemplate.value ? .template(source) : .path(source)
      case (nil, let text?):
        if written.isTemplate.value {
          problems.report(
            "'template' applies to 'source' only: variables in 'content' are always replaced",
            at: written.isTemplate.mark, remedy: "remove it, or name a file with 'source'")
        }
        content = .text(text)
      default:
        problems.report(
          "a file needs either 'source' or 'content'", at: node.mark,
          remedy: "add 'source: files/name', or 'content: |' and the text below it")
        return nil
      }
      if written.destination.value == "/", written.source == nil {
        problems.report(
          "the destination '/' is a directory", at: written.destination.mark,
          remedy: "write the whole path, including the file name")
        return nil
      }
      return Entry(
        content: content, destination: written.destination, mode: written.mode,
        owner: written.owner, group: written.group, attributes: written.attributes)
    },
    { entry in
      var written = FileWritten(
        isTemplate: Located(false), destination: entry.destination, mode: entry.mode,
        owner: entry.owner, group: entry.group, attributes: entry.attributes)
      switch entry.content {
      case .text(let text): written.content = text
      case .path(let path): written.source = path
      case .template(let path):
        written.source = path
        written.isTemplate = Located(true)
      }
      return written
    })

  private static let owner: Schema<String> = .text(
    "[a-z_][a-z0-9_-]{0,31}|0|[1-9][0-9]{0,8}", "owner",
    "write a user's name, or a number in quotes")

  private static let attributes = Schema<[String: String]>.map(
    of: .text(
      "0x([0-9a-f]{2})*|(?!0x)[^\\x00]*", "attribute value",
      "write a string, or 0x and pairs of lower-case hexadecimal digits")
  ).refusing { attributes in
    let bad = attributes.keys.inByteOrder().first { name in
      name != "security.capability" && !name.fits("user\\.[^\\x00]{1,250}")
    }
    return bad.map {
      (
        "'\($0.shortened)' is not an extended attribute that an image can have",
        "write user. and a name, or security.capability"
      )
    }
  }

  private static let destination = Schema<String>.string.refusing { path in
    flaw(of: path, isFolder: false)
  }

  /// The same, or the root, which a folder can be laid over.
  private static let place = Schema<String>.string.refusing { path in
    path == "/" ? nil : flaw(of: path, isFolder: false)
  }
}

/// An entry as it is written.
private struct FileWritten: Sendable {
  var source: Located<String>?
  var content: String?
  var isTemplate: Located<Bool>
  var destination: Located<String>
  var mode: FileMode?
  var owner: String
  var group: String
  var attributes: [String: String]
}

extension Schema where Value == String {
  /// A path of this machine, made relative to the folder of the file that names it.
  static var localPath: Self {
    string.mapped(
      { path, node, problems in
        guard !path.isEmpty, !path.has("\0") else {
          problems.report("the path is empty", at: node.mark, remedy: "name a file or a directory")
          return nil
        }
        return path.resolved(besideFile: node.mark?.file ?? "")
      }, { $0 })
  }
}

extension String {
  /// This path, taken from the folder that `file` is in unless it is absolute.
  func resolved(besideFile file: String) -> String {
    guard !begins(with: "/"), let (folder, _) = file.cut(atLast: "/") else { return self }
    return folder + "/" + self
  }
}
